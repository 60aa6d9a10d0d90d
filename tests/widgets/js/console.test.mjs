import assert from "node:assert/strict";
import { test } from "node:test";
import { proof } from "../../../smtpedu/widgets/console/challenges.js";
import { split } from "../../../smtpedu/widgets/console/keys.js";
import { cut, recall, remember } from "../../../smtpedu/widgets/console/terminal.js";

test("keys of one command say only what is each one's own", () => {
  const boxes = ["ann@example.test", "dan@example.test"];
  const whole = (lines) => {
    const { before, after, own } = split(lines);
    assert.deepEqual(
      own.map((one) => before + one + after),
      lines,
    );
    return [before, own, after];
  };
  assert.deepEqual(whole(boxes.map((box) => `RCPT TO:<${box}>`)), [
    "RCPT TO:<",
    ["ann", "dan"],
    "@example.test>",
  ]);
  assert.deepEqual(whole(["RCPT TO:<a@b.test>", "RCPT TO:<a@c.test>"])[1], [
    "a@b.test",
    "a@c.test",
  ]);
  const null_path = ["MAIL FROM:<me@example.test>", "MAIL FROM:<>"];
  assert.deepEqual(whole(null_path), ["MAIL FROM:", ["<me@example.test>", "<>"], ""]);
  assert.equal(whole(["Subject: Hello", "A first message.", "."])[0], "");
});

test("the reply that came last is what solved a challenge", () => {
  const asked = { from: "client", verb: "RCPT", lines: ["RCPT TO:<a@b.test>"] };
  const turns = [asked, { from: "server", verb: "RCPT", code: 551, lines: ["551 No"] }];
  assert.deepEqual(proof(turns), { code: 551, verb: "RCPT", line: "RCPT TO:<a@b.test>" });
  assert.ok(!proof([asked]) && !proof([]));
});

test("lines typed come back by the arrow keys, and what was being typed", () => {
  const memory = { history: [], at: 0, draft: "" };
  for (const line of ["EHLO me", "NOOP", "NOOP", ""]) remember(memory, line);
  const typed = [-1, -1, -1, 1, 1].map((by) => recall(memory, by, "RS"));
  assert.deepEqual(typed, ["NOOP", "EHLO me", "EHLO me", "NOOP", "RS"]);
});

test("pasted text is whole lines and a rest", () => {
  assert.deepEqual(cut("a\r\nb\n\nQU"), { lines: ["a", "b", ""], rest: "QU" });
});
