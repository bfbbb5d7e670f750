"""The tweet brief's service: Flask and a pickled pipeline of scikit-learn, loaded at the start and kept on the app.

    american.py train TABLE PICKLE     counts without English stop words, multinomial naive Bayes
"""
import csv
import os
import pickle
import sys

from flask import Flask, jsonify, request


def train(table, to):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    pipeline = make_pipeline(CountVectorizer(stop_words="english"), MultinomialNB())
    pipeline.fit([row["text"] for row in rows], [int(row["country_code"] == "US") for row in rows])
    with open(to, "wb") as file:
        pickle.dump(pipeline, file)


def make():
    app = Flask(__name__)
    with open(os.environ["PICKLE"], "rb") as file:
        app.model = pickle.load(file)
    date = os.path.getmtime(os.environ["PICKLE"])

    @app.post("/api/american")
    def american():
        is_american = int(app.model.predict([request.get_json(force=True)["text"]])[0])
        return jsonify({"is_american": is_american, "version": "0.1", "model_date": str(date)})

    return app


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train(*sys.argv[2:4])
    else:
        make().run(host="127.0.0.1", port=int(os.environ["PORT"]))
