import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, contested, difference, standing, usual } from "../../../smtpedu/widgets/servers/align.js";
import { grouped } from "../../../smtpedu/widgets/servers/selection.js";
import { neighbour, seen, toggled } from "../../../smtpedu/widgets/servers/servers.js";

const said = (line, code, text = "OK") => ({
  verb: line.split(" ")[0],
  sent: line === line.toLowerCase() ? [] : [line],
  code,
  reply: code && [`${code} ${text}`],
});
const HELLO = [said("connect", 220), said("EHLO x", 250), said("MAIL FROM:<a@b>", 250)];
const ALICE = "RCPT TO:<alice@example.test>";
const BOB = "RCPT TO:<bob@example.test>";
/** Rows as the lines or verbs of their cells; a gap is a hyphen. */
const shown = (rows) =>
  rows.map((cells) => cells.map((cell) => (cell ? (cell.sent[0] ?? cell.verb) : "-")).join(" | "));

test("the same commands stand beside each other", () => {
  const one = [...HELLO, said(BOB, 551), said("QUIT", 221)];
  const two = [...HELLO, said(BOB, 250), said("QUIT", 221)];
  const rows = aligned([one, two]);
  assert.equal(rows.length, 5);
  assert.deepEqual(rows[3], [one[3], two[3]]);
});

test("a command that one side lacks leaves a gap on that side", () => {
  const long = [...HELLO, said(ALICE, 250), said(BOB, 551), said("DATA", 354), said("message", 250), said("QUIT", 221)];
  const short = [...HELLO, said(BOB, 551), said("QUIT", 221)];
  const rest = ["DATA | -", "message | -", "QUIT | QUIT"];
  assert.deepEqual(shown(aligned([long, short])).slice(3), [`${ALICE} | -`, `${BOB} | ${BOB}`, ...rest]);
  assert.deepEqual(shown(aligned([short, long])).slice(3, 5), [`- | ${ALICE}`, `${BOB} | ${BOB}`]);
});

test("of repeated commands each stands beside one, in order, and none is lost", () => {
  const twice = [...HELLO, said(BOB, 450), said(BOB, 250)];
  const thrice = [...HELLO, said(BOB, 450), said(BOB, 450), said(BOB, 250)];
  for (const sessions of [[twice, thrice], [thrice, twice, thrice]]) {
    const rows = aligned(sessions);
    assert.equal(rows.length, 6);
    sessions.forEach((session, n) => {
      assert.deepEqual(rows.map((cells) => cells[n]).filter(Boolean), session);
    });
  }
});

test("commands of the same verb meet when no like one is there", () => {
  const rows = aligned([[...HELLO, said(ALICE, 250)], [...HELLO, said(BOB, 551)]]);
  assert.deepEqual(shown(rows).at(-1), `${ALICE} | ${BOB}`);
  assert.equal(difference(rows.at(-1)), "command");
});

test("sessions with nothing in common keep all their lines", () => {
  const rows = aligned([[said("NOOP", 250)], [said("RSET", 250)], []]);
  assert.deepEqual(shown(rows).sort(), ["- | RSET | -", "NOOP | - | -"]);
});

test("no session makes no rows, one makes rows of its own", () => {
  assert.deepEqual(aligned([]), []);
  assert.deepEqual(aligned([HELLO]), HELLO.map((one) => [one]));
});

test("replies differ in the code, or only in the text, or not at all", () => {
  assert.equal(difference([said(BOB, 551), said(BOB, 550)]), "code");
  assert.equal(difference([said(BOB, 550, "5.1.6 moved"), said(BOB, 550, "5.1.1 no")]), "text");
  assert.equal(difference([said(BOB, 550), said(BOB, 550), undefined]), "");
  assert.equal(difference([said(BOB, 550), undefined]), "");
  assert.equal(difference([said(BOB, 550), said(BOB)]), "code");
  assert.equal(difference([undefined, said("connect", 220, "a"), said("connect", 220, "b")]), "text");
});

test("mail data that differ are still the same step", () => {
  const mail = (line) => ({ verb: "message", sent: [line], code: 250, reply: ["250 OK"] });
  assert.equal(difference([mail("Date: 1"), mail("Date: 2")]), "");
});

test("the digits in which codes differ", () => {
  assert.deepEqual(contested([said(BOB, 551), said(BOB, 550)]), [2]);
  assert.deepEqual(contested([said(BOB, 250), undefined, said(BOB, 451)]), [0, 2]);
  assert.deepEqual(contested([said(BOB, 250), said(BOB)]), []);
});

const coded = (...codes) => codes.map((code) => code && said(BOB, code));
const kinds = (cells) => cells.map((_, n) => standing(cells, n).kind);

test("the most frequent code is that of more cells than any other", () => {
  const row = coded(454, 550, undefined, 550);
  assert.deepEqual(usual(row), [row[1], row[3]]);
  assert.deepEqual(usual(coded(550, 551, 550, 551)), []);
  assert.deepEqual(usual(coded(undefined, undefined)), []);
});

test("only what departs from the most frequent code is marked", () => {
  const row = coded(454, 550, 550, 550);
  assert.deepEqual(kinds(row), ["outlier", "", "", ""]);
  assert.deepEqual(standing(row, 0).marked, [0, 2]);
  assert.deepEqual(standing(row, 1).marked, []);
});

test("each outlier is marked where it differs from the most frequent code itself", () => {
  const row = coded(551, 550, 551, 454);
  assert.deepEqual(kinds(row), ["", "outlier", "", "outlier"]);
  assert.deepEqual([1, 3].map((n) => standing(row, n).marked), [[2], [0, 2]]);
});

test("where codes are equally frequent all are marked", () => {
  for (const row of [coded(550, 551), coded(550, 551, 550, 551), coded(250, 451, 550)])
    assert.deepEqual(new Set(kinds(row)), new Set(["code"]));
  assert.deepEqual(standing(coded(550, 551), 1).marked, [2]);
});

test("cells that agree on the code may still say other words", () => {
  const row = [said(BOB, 454), said(BOB, 550, "no"), said(BOB, 550, "not here")];
  assert.deepEqual(kinds(row), ["outlier", "text", "text"]);
  assert.deepEqual(kinds(row.slice(1)), ["text", "text"]);
});

test("where most got no reply, a reply is what departs", () => {
  const row = [said(BOB), said(BOB), said(BOB, 250)];
  assert.deepEqual(kinds(row), ["", "", "outlier"]);
  assert.deepEqual(standing(row, 2).marked, []);
});

test("chosen sessions are named by scenario, in the order of the choice", () => {
  const title = (name) => ({ name, texts: { en: { title: name.toUpperCase() } } });
  const book = {
    servers: [["x", "Exim"], ["p", "Postfix"]],
    scenarios: [title("one"), title("two")],
    sessions: {
      "p/two": { server: "p", scenario: "two" },
      "x/one": { server: "x", scenario: "one" },
      "x/two": { server: "x", scenario: "two" },
    },
  };
  const names = ["p/two", "x/one", "x/two"];
  assert.deepEqual(grouped(book, names, "en"), [["TWO", ["Postfix", "Exim"]], ["ONE", ["Exim"]]]);
});

test("a chosen cell is taken away, another added while there is room", () => {
  assert.deepEqual(toggled(["a", "b"], "a", 2), ["b"]);
  assert.deepEqual(toggled(["a"], "b", 2), ["a", "b"]);
  assert.equal(toggled(["a", "b"], "c", 2), undefined);
});

test("arrow keys pass over gaps and stop at the edges", () => {
  const grid = [
    ["00", undefined, "02"],
    ["10", undefined, undefined],
    ["20", "21", "22"],
  ];
  assert.equal(neighbour(grid, 0, 0, 0, 1), "02");
  assert.equal(neighbour(grid, 0, 2, 1, 0), "22");
  assert.equal(neighbour(grid, 2, 1, -1, 0), undefined);
  assert.equal(neighbour(grid, 0, 0, -1, 0), undefined);
  assert.equal(neighbour(grid, 1, 0, 0, 1), undefined);
});

test("step 0 shows all rows, and no step shows more than there are", () => {
  assert.deepEqual([seen(0, 5), seen(3, 5), seen(9, 5), seen(2, 0)], [5, 3, 5, 0]);
});
