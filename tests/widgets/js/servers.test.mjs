import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, common, departures, difference, grouped, standing, usual } from "../../../smtpedu/widgets/servers/align.js";
import { known, toggled } from "../../../smtpedu/widgets/servers/servers.js";

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

const coded = (...codes) => codes.map((code) => code && said(BOB, code));
const kinds = (cells) => cells.map((_, n) => standing(cells, n));

test("the most frequent code is that of more cells than any other", () => {
  const row = coded(454, 550, undefined, 550);
  assert.deepEqual(usual(row), [row[1], row[3]]);
  assert.deepEqual(usual(coded(550, 551, 550, 551)), []);
  assert.deepEqual(usual(coded(undefined, undefined)), []);
});

test("only what departs from the most frequent code is marked", () => {
  assert.deepEqual(kinds(coded(454, 550, 550, 550)), ["outlier", "", "", ""]);
  assert.deepEqual(kinds(coded(551, 550, 551, 454)), ["", "outlier", "", "outlier"]);
});

test("where codes are equally frequent all are marked", () => {
  for (const row of [coded(550, 551), coded(550, 551, 550, 551), coded(250, 451, 550)])
    assert.deepEqual(new Set(kinds(row)), new Set(["code"]));
});

test("cells that agree on the code may still say other words", () => {
  const row = [said(BOB, 454), said(BOB, 550, "no"), said(BOB, 550, "not here")];
  assert.deepEqual(kinds(row), ["outlier", "", ""]);
  assert.deepEqual(kinds(row.slice(1)), ["text", "text"]);
});

test("where most got no reply, a reply is what departs", () => {
  const row = [said(BOB), said(BOB), said(BOB, 250)];
  assert.deepEqual(kinds(row), ["", "", "outlier"]);
});

test("in the table each code is held against the others at its place", () => {
  const row = [[250, 550], undefined, [250, 551], [250, 551], [421]];
  const away = [[false, true], undefined, [false, false], [false, false], [true]];
  assert.deepEqual(departures(row), away);
  assert.deepEqual(departures([[500], [502]]), [[true], [true]]);
  assert.deepEqual(departures([[250], undefined]), [[false], undefined]);
});

test("rows that are alike fold together, but not those that decide or that some lack", () => {
  const rows = aligned([
    [...HELLO, said(BOB, 550), said("RSET", 250), said("QUIT", 221)],
    [...HELLO, said(BOB, 550), said("QUIT", 221)],
  ]);
  const decides = (cells) => cells.some((cell) => cell?.verb === "RCPT");
  const groups = [[true, [0, 1, 2]], [false, [3]], [false, [4]], [true, [5]]];
  assert.deepEqual(grouped(rows, decides), groups);
  assert.deepEqual(grouped(aligned([HELLO]), decides), [[false, [0]], [false, [1]], [false, [2]]]);
});

test("words that all replies have, whatever surrounds them", () => {
  const row = [said(BOB, 551, "User moved; try <bob@new.example>"), undefined, said(BOB, 550, "5.1.6 user has moved: bob@new.example")];
  assert.deepEqual([...common(row)].sort(), ["bob@new.example", "moved", "user"]);
});

test("a chosen cell is taken away, another added while there is room", () => {
  assert.deepEqual(toggled(["a", "b"], "a", 2), ["b"]);
  assert.deepEqual(toggled(["a"], "b", 2), ["a", "b"]);
  assert.equal(toggled(["a", "b"], "c", 2), undefined);
});

test("of what an output has chosen, a few of the sessions that there are is shown, each once", () => {
  const sessions = { a: 1, b: 2, c: 3 };
  const many = Array.from({ length: 10_000 }, (_, n) => ["b", "none", "constructor", "a"][n % 4]);
  assert.deepEqual(known(many, sessions, 4), ["b", "a"]);
  assert.deepEqual(known(["c", "b", "a"], sessions, 2), ["c", "b"]);
});
