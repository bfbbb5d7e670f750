#!/bin/sh
exec /opt/orders/current/bin/orders --port "$PORT"
