"""Users of a deployment: what they ask, what they write, and what they were told of it."""

import base64
import contextlib
import http.client
import itertools
import json
import random
import re
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

USERS = 50
PASSWORD = "a-password-of-the-load"
THINK_SECONDS = (1, 5)
TIMEOUT = 60
# errors of Odoo after which the transaction may have been committed: the connection broke
UNSURE = re.compile(r"OperationalError|InterfaceError|AdminShutdown|terminating connection|closed")
CUSTOMER_LIST = {
    **{key: {} for key in ("display_name", "ref", "completeness", "approval_status")},
    **{key: {"fields": {"display_name": {}}} for key in ("rank_id", "main_salesman_id")},
}


class Refused(Exception):
    """Odoo answered with an error: nothing was written."""


class Lost(Exception):
    """No answer, or one that does not tell whether it was written."""


class Client:
    """A browser's calls, without a browser. Never repeats one by itself."""

    def __init__(self, address):
        self.address = address
        self.connection = None
        self.cookie = ""
        self.context = {}
        # the certificate is one of the test
        self.tls = ssl._create_unverified_context()

    def request(self, method, path, body=None, headers=()):
        """:return: status, body
        :raise Lost: there is no whole answer"""
        headers = {"Host": "crm.example.com", "Cookie": self.cookie, **dict(headers)}
        try:
            if not self.connection:
                self.connection = http.client.HTTPSConnection(
                    *self.address, timeout=TIMEOUT, context=self.tls
                )
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            raise Lost(type(error).__name__) from error
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            if cookie.startswith("session_id="):
                self.cookie = cookie.split(";")[0]
        return answer.status, content

    def rpc(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params})
        status, content = self.request("POST", path, body, {"Content-Type": "application/json"})
        if status != 200:
            raise Lost(f"status {status}")
        answer = json.loads(content)
        if error := answer.get("error"):
            text = f"{error['data']['name']}: {error['data']['message']}"
            raise (Lost if UNSURE.search(text) else Refused)(text)
        return answer["result"]

    def login(self, login, password):
        info = self.rpc("/web/session/authenticate", db="crm", login=login, password=password)
        self.uid = info["uid"]
        self.context = info["user_context"]

    def call(self, model, method, *args, **kwargs):
        context = {**self.context, **kwargs.pop("context", {})}
        kwargs["context"] = context
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self.rpc(path, model=model, method=method, args=args, kwargs=kwargs)

    def make_feed(self):
        """:return: path of the user's calendar feed, with its token"""
        action = self.call("res.users", "action_make_calendar_feed", [self.uid])
        return re.sub(r"^https?://[^/]+", "", action["context"]["default_address"])


def tomorrow():
    return str(date.today() + timedelta(days=1))


def log_in_as_admin(address):
    admin = Client(address)
    admin.login("admin", "admin")
    return admin


def make_salesmen(address, number):
    """Users with "Own Documents Only", below the demo's manager. :return: their logins"""
    admin = log_in_as_admin(address)
    [group], [internal] = (
        admin.call("ir.model.data", "search_read", domain, ["res_id"])
        for domain in (
            [["module", "=", "sales_team"], ["name", "=", "group_sale_salesman"]],
            [["module", "=", "base"], ["name", "=", "group_user"]],
        )
    )
    logins = [f"load{n}" for n in range(number)]
    groups = [(6, 0, [group["res_id"], internal["res_id"]])]
    users = []
    for login in logins:  # one by one: hashing fifty passwords takes longer than a call may
        values = {"name": f"Load {login}", "login": login, "password": PASSWORD}
        values["group_ids"] = groups
        context = {"no_reset_password": True}
        users += admin.call("res.users", "create", [values], context=context)
    [manager] = admin.call("hr.employee", "search", [["user_id.login", "=", "manager"]])
    admin.call(
        *("hr.employee", "create"),
        [
            {"name": f"Load {login}", "user_id": user, "parent_id": manager, "is_salesman": True}
            for login, user in zip(logins, users, strict=True)
        ],
    )
    return logins


@dataclass
class Record:
    """One call of the load: what became of it, and when."""

    kind: str
    begun: float
    seconds: float = 0
    outcome: str = ""  # acknowledged, refused, lost
    error: str = ""


@dataclass
class Book:
    """What all users were told, for the account at the end."""

    started: float = field(default_factory=time.monotonic)
    records: list = field(default_factory=list)
    # the call of each write, by its mark, which is in all that it makes
    marks: dict = field(default_factory=dict)
    stale: list = field(default_factory=list)

    def now(self):
        return time.monotonic() - self.started


class Salesman(threading.Thread):
    """A user who reads and writes until he is told to stop."""

    def __init__(self, address, login, book, stop):
        super().__init__(daemon=True, name=login)
        self.client, self.login, self.book, self.stop = Client(address), login, book, stop
        self.random = random.Random(login)
        self.numbers = itertools.count()
        self.customers, self.cases, self.activities = [], [], []

    def prepare(self):
        self.client.login(self.login, PASSWORD)
        for _ in range(2):
            self._cold_call(self._make_mark("first"))
        self.feed = self.client.make_feed()

    def run(self):
        reads = (self._home, self._home, self._customer_home, self._list, self._board, self._feed)
        writes = (self._note, self._note, self._activity, self._next, self._case, self._cold_call)
        writes += (self._document,)
        while not self.stop.wait(self.random.uniform(*THINK_SECONDS)):
            if self.random.random() < 0.5:
                self._do(self.random.choice(reads))
            else:
                self._write(self.random.choice(writes))

    def _make_mark(self, kind):
        return f"MARK-{self.login}-{next(self.numbers)}-{kind}"

    def _do(self, act, *args):
        record = Record(act.__name__.strip("_"), self.book.now())
        try:
            act(*args)
            record.outcome = "acknowledged"
        except Refused as error:
            record.outcome, record.error = "refused", str(error)
        except Lost as error:
            record.outcome, record.error = "lost", str(error)
        record.seconds = self.book.now() - record.begun
        self.book.records.append(record)
        return record

    def _write(self, act):
        mark = self._make_mark(act.__name__.strip("_"))
        record = self._do(act, mark)
        self.book.marks[mark] = record
        if record.outcome == "acknowledged" and act == self._note:
            self._do(self._see, mark)

    # reads

    def _home(self):
        self.client.call("sales.home", "get_home")

    def _customer_home(self):
        self.client.call("sales.home", "get_customer_home", self.random.choice(self.customers))

    def _list(self):
        self.client.call(
            *("res.partner", "web_search_read", [["is_customer", "=", True]], CUSTOMER_LIST),
            limit=80,
        )

    def _board(self):
        self.client.call("crm.lead", "get_board", [], unprocessed_limit=40)

    def _feed(self):
        status, _content = self.client.request("GET", self.feed)
        if status != 200:
            raise Lost(f"status {status}")

    def _see(self, mark):
        """Who has just been told that his note is there looks for it."""
        if not self.client.call("customer.note", "search_count", [["body", "=", mark]]):
            self.book.stale.append(mark)

    # writes, each with its mark in all that it makes

    def _note(self, mark):
        values = {"customer_id": self.random.choice(self.customers), "body": mark}
        self.client.call("customer.note", "create", [values])

    def _activity(self, mark):
        made = self.client.call(
            *("res.partner", "activity_schedule", [self.random.choice(self.customers)]),
            act_type_xmlid="mail.mail_activity_data_call",
            date_deadline=tomorrow(),
            summary=mark,
        )
        self.activities += made

    def _next(self, mark):
        if not self.activities:
            return self._activity(mark)
        # his whether this succeeds or not: an answer may be lost
        activity = self.activities.pop()
        vals = {"outcome": "done", "summary": mark, "date_deadline": tomorrow()}
        made = self.client.call("mail.activity", "action_next", [activity], vals)
        self.activities += made if isinstance(made, list) else [made]
        return None

    def _case(self, mark):
        values = {"name": mark, "type": "opportunity"}
        values["partner_id"] = self.random.choice(self.customers)
        self.cases += self.client.call("crm.lead", "create", [values])

    def _cold_call(self, mark):
        vals = {"customer_name": mark, "contact_name": f"Contact of {mark}", "subject": mark}
        case = self.client.call("crm.lead", "create_cold_call", {**vals, "phone": "+49 30 901820"})
        # whatever becomes of this reading, the call is made
        with contextlib.suppress(Refused, Lost):
            [read] = self.client.call("crm.lead", "read", case, ["customer_id"])
            self.customers.append(read["customer_id"][0])

    def _document(self, mark):
        values = {"name": mark, "res_model": "res.partner"}
        values["res_id"] = self.random.choice(self.customers)
        values["datas"] = base64.b64encode(mark.encode()).decode()
        self.client.call("ir.attachment", "create", [values])


# what a write of each kind makes: ``(table, condition on the mark)``
MADE = {
    "note": [("customer_note", "body = mark")],
    "activity": [("mail_activity", "summary = mark")],
    "next": [("mail_activity", "summary = mark")],
    "case": [("crm_lead", "name = mark")],
    "cold_call": [
        ("res_partner", "name = mark"),
        ("res_partner", "name = 'Contact of ' || mark"),
        ("crm_lead", "name = mark"),
        ("mail_activity", "summary = mark"),
    ],
    "document": [("ir_attachment", "name = mark")],
}


class Load:
    """Fifty salesmen at work while the machine is ill-treated."""

    def __init__(self, address):
        self.stop = threading.Event()
        self.book = Book()
        logins = make_salesmen(address, USERS)
        self.salesmen = [Salesman(address, login, self.book, self.stop) for login in logins]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Salesman.prepare, self.salesmen))

    def run(self, faults):
        """``faults``: list of ``(second, name, function)``. The last is the end."""
        self.book.started = time.monotonic()
        for salesman in self.salesmen:
            salesman.start()
        for second, _name, act in faults:
            time.sleep(max(0, second - self.book.now()))
            act()
        self.stop.set()
        for salesman in self.salesmen:
            salesman.join(2 * TIMEOUT)

    def count_written(self, query):
        """How often each mark is in the database, a list of numbers for each.

        :param query: function that gives the lines of an SQL query's answer
        """
        found = {}
        for kind, parts in MADE.items():
            marks = [mark for mark in self.book.marks if mark.endswith(f"-{kind}")]
            for position, (table, condition) in enumerate(parts):
                values = ",".join(f"('{mark}')" for mark in marks) or "(NULL)"
                sql = (
                    f"SELECT mark, count(t.id) FROM (VALUES {values}) m(mark)"
                    f" LEFT JOIN {table} t ON {condition} GROUP BY mark"
                )
                for line in filter(None, query(sql)):
                    mark, _, number = line.partition("|")
                    if mark:
                        found.setdefault(mark, [0] * len(parts))[position] = int(number)
        return found

    def judge(self, found):
        """:return: lines that say what is wrong, none if all is right"""
        wrong = []
        for mark, record in sorted(self.book.marks.items()):
            numbers = set(found.get(mark, [0]))
            allowed = {"acknowledged": [{1}], "refused": [{0}]}.get(record.outcome, [{0}, {1}])
            if numbers not in allowed:
                times = f"{record.begun:.0f} to {record.begun + record.seconds:.0f} s"
                wrong.append(f"{mark} ({times}): {record.outcome}, there {found.get(mark)} times")
        return wrong

    def report(self, faults):
        """Lines of an account: calls in all, and what each fault cost."""
        records = sorted(self.book.records, key=lambda record: record.begun)
        yield _describe("in all", records)
        bounds = [(0, "no fault yet"), *((second, name) for second, name, _act in faults)]
        for (begin, name), (end, _next) in itertools.pairwise(bounds):
            # who waited while it happened belongs to it
            window = [r for r in records if begin <= r.begun + r.seconds < end]
            failed = [r for r in window if r.outcome != "acknowledged"]
            line = _describe(f"{begin:3.0f} s {name}", window)
            if failed:
                last = max(record.begun + record.seconds for record in failed) - begin
                line += f"; last error after {last:.1f} s"
            yield line
            for error, number in Counter(r.error[:110] for r in failed).most_common(4):
                yield f"      {number} x {error}"


def _describe(name, records):
    outcomes = Counter(record.outcome for record in records)
    seconds = sorted(record.seconds for record in records) or [0]
    figures = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
    middle, high = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
    times = f"median {middle:.2f} s, 95 % {high:.2f} s, longest {seconds[-1]:.1f} s"
    return f"{name}: {figures}; {times}"


@contextlib.contextmanager
def in_background(function):
    """Call a function in a thread; gives a function that waits for its result.

    ``None`` while there is none.
    """
    results = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()

    def wait(seconds):
        thread.join(seconds)
        return results[0] if results else None

    yield wait
