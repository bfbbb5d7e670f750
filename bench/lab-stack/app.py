"""The lab's web, as its contract says it. Debugger off, and one request at a time: with the threads that Flask has by default,
every second answer of Celery's rpc:// backend never comes.
"""
import os

from flask import Flask, render_template_string

from jobs import get_accuracy, get_predictions

app = Flask(__name__)
form = '<form method="post"><input type="submit" value="Submit"></form>'
page = """<title>Test App</title><h1>Accuracy is {{ accuracy }}</h1>
<table border="1"><tr><th>True</th><th>Predicted</th></tr>
{% for row in rows %}<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td></tr>
{% endfor %}</table>"""


@app.get("/")
def home():
    return "<h1>Welcome to the Machine Learning Course.</h1>"


@app.get("/accuracy")
@app.get("/predictions")
def ask():
    return form


@app.post("/accuracy")
def accuracy():
    return f"<h1>The accuracy is {get_accuracy.delay().get()}</h1>"


@app.post("/predictions")
def predictions():
    both = get_predictions.delay().get()
    rows = list(zip(both["y"], both["predicted"]))
    return render_template_string(page, accuracy=get_accuracy.delay().get(), rows=rows)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=False)
