"""Plays the cases on standard input through the real Ansible and writes down what became of them. See generate.mjs."""
import contextlib
import io
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile

os.environ.update(
    ANSIBLE_JINJA2_NATIVE="true", ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="false",
    ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3", ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
    ANSIBLE_RETRY_FILES_ENABLED="false", ANSIBLE_DEPRECATION_WARNINGS="false", TZ="UTC", ANSIBLE_GATHERING="implicit",
)

from ansible.cli.playbook import PlaybookCLI
from ansible.executor.task_queue_manager import TaskQueueManager
from ansible.plugins.callback import CallbackBase


INCLUDES = ("include_tasks", "include_role")


def reason(text):
    """The part of an error's text that both programs say."""
    found = re.search(r"('[^']*' is undefined|'[^']*' has no attribute '[^']*')", str(text))
    return [found.group(1)] if found else []


class Recorder(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "recorder"

    def __init__(self):
        super().__init__()
        self.log = {}
        self.recap = None
        self.names = {}

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.names[task._uuid] = task.get_name()

    def v2_playbook_on_handler_task_start(self, task):
        self.names[task._uuid] = task.get_name()

    def note(self, result, outcome, item=False):
        fields, task, answer = result._task_fields, result._task, result._result
        if task.action == "meta" or task.action in INCLUDES and outcome == "ok":
            return
        name = self.names.get(task._uuid) or task.get_name()
        entry = [("item " if item else "") + outcome, name]
        if "results" not in answer and outcome != "skipped":
            if task.action in ("debug", "ansible.builtin.debug"):
                if outcome in ("failed", "ignored"):
                    entry += reason(answer.get("msg"))
                elif "msg" in answer:
                    entry.append(answer["msg"])
                else:
                    shown = [value for key, value in answer.items() if key == fields["args"].get("var")]
                    entry += shown
            elif task.action in ("fail", "ansible.builtin.fail"):
                entry.append(answer.get("msg"))
        if answer.get("_ansible_no_log") or "censored" in answer:
            entry = entry[:2]
        self.log.setdefault(result._host.name, []).append(json.loads(json.dumps(entry, default=str)))

    def v2_runner_on_ok(self, result):
        self.note(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.note(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.note(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.note(result, "unreachable")

    def v2_runner_item_on_ok(self, result):
        self.note(result, "changed" if result._result.get("changed") else "ok", True)

    def v2_runner_item_on_failed(self, result):
        self.note(result, "failed", True)

    def v2_runner_item_on_skipped(self, result):
        self.note(result, "skipped", True)

    def v2_playbook_on_stats(self, stats):
        self.recap = {}
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            counts["failed"] = counts.pop("failures")
            self.recap[host] = [counts[key] for key in ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")]


def play(case, pipe):
    folder = tempfile.mkdtemp(prefix="differential-")
    for name, text in case["files"].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)
        if text.startswith("#!"):
            os.chmod(path, 0o755)
    os.chdir(folder)
    recorder = Recorder()
    original = TaskQueueManager.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self._stdout_callback = recorder

    TaskQueueManager.__init__ = init
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            cli = PlaybookCLI(["ansible-playbook", "-i", "hosts.ini", "site.yml", *case["args"]])
            cli.parse()
            status = cli.run()
        except SystemExit as stop:
            status = stop.code
        except BaseException as error:
            status = "error"
            print(error)
    answer = {"name": case["name"], "status": status, "recap": recorder.recap, "log": dict(sorted(recorder.log.items()))}
    out = os.path.join(folder, "log")
    if os.path.exists(out):
        with open(out) as stream:
            answer["file"] = stream.read()
    text = json.dumps(answer).replace(folder, "FOLDER")
    if os.environ.get("SAY"):
        print(said.getvalue(), file=sys.__stderr__)
    pipe.send(text)
    pipe.close()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def main():
    fork = multiprocessing.get_context("fork")
    for case in json.load(sys.stdin):
        mine, theirs = fork.Pipe(False)
        child = fork.Process(target=play, args=(case, theirs))
        child.start()
        theirs.close()
        try:
            print(mine.recv(), flush=True)
        except EOFError:
            print(json.dumps({"name": case["name"], "status": "crashed"}), flush=True)
        child.join()


main()
