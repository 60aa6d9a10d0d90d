import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, contested, difference } from "../../smtpedu/widgets/align.js";
import { neighbour, seen, toggled } from "../../smtpedu/widgets/servers.js";

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
