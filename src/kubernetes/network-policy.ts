import { type Component, labelsOf, type Model, selectorOf } from './blueprint.ts'
import type { Manifest } from './manifest.ts'

type Rule = Readonly<Record<string, unknown>>

/** Who may reach a component, and whom it may reach: nobody that is not named. */
export function networkPolicy(
  component: Component,
  name: string,
  { ingress, egress }: { readonly ingress: readonly Rule[]; readonly egress: readonly Rule[] },
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(component) },
    spec: {
      podSelector: { matchLabels: selectorOf(component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress,
      egress,
    },
  }
}

/** Who may reach a component that may reach anybody. */
export function ingressPolicy(component: Component, name: string, ingress: readonly Rule[]): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(component) },
    spec: { podSelector: { matchLabels: selectorOf(component) }, policyTypes: ['Ingress'], ingress },
  }
}

/** From everybody to these ports. */
export function fromAll(...ports: number[]): Rule {
  return { ports: tcp(ports) }
}

/** From pods of these components to these ports; to all where none is named. */
export function fromComponents(components: readonly Component[], ...ports: number[]): Rule {
  return { from: components.map(pods), ...to(ports) }
}

/** From pods of another namespace, by its name; to all ports where none is named. */
export function fromNamespace(name: string, ...ports: number[]): Rule {
  return { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }], ...to(ports) }
}

export function toComponent(component: Component, ...ports: number[]): Rule {
  return { to: [pods(component)], ports: tcp(ports) }
}

/** Name lookups. */
export const toNames: Rule = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}

/** Where models are fetched from. */
export function toModels(models: readonly Model[]): Rule[] {
  const ports = models.flatMap(model => (model.from === 'url' ? [portOf(model.url)] : []))
  return ports.length === 0 ? [] : [{ ports: tcp(ports) }]
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function pods(component: Component): Rule {
  return { podSelector: { matchLabels: selectorOf(component) } }
}

function to(ports: readonly number[]): Rule {
  return ports.length === 0 ? {} : { ports: tcp(ports) }
}

function tcp(ports: readonly number[]) {
  return ports.map(port => ({ protocol: 'TCP', port }))
}
