import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { differing } from "../../../smtpedu/widgets/comparison/comparison.js";
import { fits } from "../../../smtpedu/widgets/explorer/explorer.js";
import { nearest, phases } from "../../../smtpedu/widgets/player/map.js";
import { whyNot } from "../../../smtpedu/widgets/player/predict.js";
import { askedOf, lawfulHere, state } from "../../../smtpedu/widgets/player/state.js";
import { again, answer, ask, clock, go, isOpen, limit, next, present, promises, score, verdict } from "../../../smtpedu/widgets/player/steps.js";
import { parted, replyTo } from "../../../smtpedu/widgets/shared/ladder.js";

const client = (verb) => ({ from: "client", verb });
const server = (verb, code) => ({ from: "server", verb, code, means: `${verb} ${code}`, choices: [250, code] });
const TURNS = [server("connect", 220), client("EHLO"), server("EHLO", 250), client("RCPT"), server("RCPT", 551)];

/** What a page's model does, without a browser or a kernel. */
function model(traits = {}) {
  const values = { step: 0, predict: false, asks: ["connect", "EHLO", "RCPT"], playing: false, highlight: 0, guesses: {}, envelopes: [], turns: TURNS, ...traits };
  const listeners = new Map();
  return {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      listeners.get(`change:${name}`)?.();
    },
    save_changes: () => {},
    on: (event, listener) => listeners.set(event, listener),
    off: (event) => listeners.delete(event),
    listeners,
  };
}

test("without predictions one may go anywhere, but not beyond the ends", () => {
  const player = model();
  go(player, 99);
  assert.equal(player.get("step"), 5);
  go(player, -1);
  assert.equal(player.get("step"), 0);
});

test("a jump stops before the first reply that is still to be predicted", () => {
  const player = model({ predict: true });
  assert.equal(limit(present(player)), 0);
  answer(player, 220);
  go(player, Number.POSITIVE_INFINITY);
  assert.equal(player.get("step"), 2);
  assert.ok(isOpen(present(player), 3));
});

test("Next passes over a prediction and does not count it", () => {
  const player = model({ predict: true });
  next(player);
  answer(player, 250); // turn 2 is the client's: the answer goes to the turn that follows
  assert.deepEqual(player.get("guesses"), { 1: 0, 2: 250 });
  assert.deepEqual(score(present(player)), { right: 0, made: 1 });
});

test("a right and a wrong prediction are told apart", () => {
  const guesses = { 1: 220, 3: 551, 5: 551 };
  assert.deepEqual(score(present(model({ guesses }))), { right: 2, made: 3 });
});

test("promises has only what has been shown", () => {
  assert.deepEqual(promises(present(model({ step: 2, highlight: 250 }))), []);
  assert.deepEqual(promises(present(model({ step: 5, highlight: 250 }))), ["EHLO 250"]);
});

test("the clock starts again from the end, and cleans up", () => {
  const player = model({ step: 5 });
  const stop = clock(player);
  player.set("playing", true);
  assert.equal(player.get("step"), 1);
  player.set("playing", false);
  stop();
  assert.equal(player.listeners.size, 0);
});

test("a clock that stopped at a prediction does not go on by itself", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const player = model({ predict: true });
  const stop = clock(player);
  player.set("playing", true);
  assert.equal(player.get("playing"), false);
  answer(player, 220);
  mock.timers.tick(60_000);
  assert.equal(player.get("step"), 1);
  player.set("playing", true);
  mock.timers.tick(60_000);
  assert.equal(player.get("step"), 2);
  stop();
  mock.timers.reset();
});

test("only the replies that are asked for are to be predicted", () => {
  const player = model({ predict: true, asks: ["RCPT"] });
  assert.equal(limit(present(player)), 4);
  go(player, 99);
  assert.ok(isOpen(present(player), 5));
});

test("one prediction, or all, can be taken back", () => {
  const player = model({ predict: true, step: 5, guesses: { 1: 220, 3: 250, 5: 550 } });
  ask(player, 5);
  assert.deepEqual([player.get("step"), player.get("guesses")], [4, { 1: 220, 3: 250 }]);
  again(player);
  assert.deepEqual([player.get("step"), player.get("guesses")], [0, {}]);
});

test("a prediction that another server might fulfil is not simply wrong", () => {
  const turn = { code: 551, lawful: [250, 251, 550, 551] };
  assert.deepEqual([551, 250, 354, 0].map((guess) => verdict(turn, guess)), ["right", "lawful", "wrong", "passed"]);
});

test("what comes in its turn gets no 503, what does not gets nothing else done", () => {
  const codes = [250, 251, 503, 550];
  assert.deepEqual(lawfulHere(codes, true), [250, 251, 550]);
  assert.deepEqual(lawfulHere(codes, false), [503, 550]);
  assert.deepEqual(lawfulHere([250], false), [503], "RSET after a 554 as the greeting");
});

test("a session's data become what is drawn", async () => {
  const turns = [{ verb: "connect", code: 220 }, { verb: "EHLO", at: 1 }, { verb: "EHLO", code: 250, at: 1 }];
  const moments = [{ state: "connected" }, { state: "ready", legal: 1 }];
  const sessions = { one: { name: "one", turns, moments, envelopes: [], legal: [["EHLO"], []] } };
  const usual = ["connect", "EHLO"];
  const load = async () => ({ sessions, usual, choices: { EHLO: [502, 220] }, otherwise: [421], lawful: { EHLO: [250, 503], any: [421] } });
  const made = await state({ session: "one", predict: true, asks: ["EHLO"] }, { load });
  assert.deepEqual([made.turns[0].inTurn, made.turns[2].inTurn, made.named], [true, true, ["EHLO"]]);
  assert.deepEqual([made.step, made.asks, made.turns[0].choices, made.turns[0].lawful], [1, ["EHLO"], [220, 421], [421]]);
  assert.deepEqual([made.turns[2].choices, made.turns[2].lawful, made.turns[1].legal], [[220, 250, 502], [250], []]);
  const { from, means, state: place } = made.turns[2];
  assert.deepEqual([from, means, place, made.turns[1].from], ["server", "EHLO 250", "ready", "client"]);
  assert.equal((await state({ session: "one" }, { load })).step, 1);
  assert.equal((await state({ session: "one", predict: true }, { load })).step, 0);
  turns.push({ verb: "RCPT", at: 1 }, { verb: "RCPT", code: 250, at: 1 });
  const asked = await state({ session: "one", predict: true }, { load });
  assert.deepEqual([asked.step, asked.asks, asked.named], [1, ["RCPT"], []]);
});

test("greeting, hello and goodbye are asked only where there is nothing else", () => {
  const turns = (...verbs) => verbs.flatMap((verb) => [client(verb), server(verb, 250)]);
  const usual = ["connect", "EHLO", "QUIT"];
  assert.deepEqual(askedOf(turns("connect", "EHLO", "RCPT", "message", "RCPT", "QUIT"), usual), ["RCPT", "message"]);
  assert.deepEqual(askedOf(turns("connect", "QUIT"), usual), ["connect", "QUIT"]);
});

test("why a code is not said here: by the code, or because the command came too early", () => {
  const texts = { why_not: { "QUIT 250": "bye", "RCPT out-of-turn": "early", "RCPT 503": "in turn", "any 250": "unknown" } };
  const why = (verb, inTurn, guess) => whyNot(texts, { verb, inTurn }, guess);
  assert.deepEqual([why("QUIT", true, 250), why("RCPT", false, 250), why("RCPT", true, 503)], ["bye", "early", "in turn"]);
  assert.deepEqual([why("JUMP", false, 250), why("RCPT", true, 354)], ["unknown", ""]);
});

test("turns fall into phases; what belongs to none stays where it is", () => {
  const verbs = ["connect", "EHLO", "NOOP", "MAIL", "RCPT", "RSET", "MAIL", "DATA", "message", "QUIT"];
  const found = phases(verbs.map((verb) => ({ verb })));
  assert.deepEqual(found, [["hello", [0, 1, 2]], ["envelope", [3, 4, 5, 6]], ["letter", [7, 8]], ["bye", [9]]]);
});

test("a press beside the codes is for the nearest one", () => {
  const spans = [{ left: 0, right: 10 }, { left: 20, right: 30 }];
  assert.deepEqual([-5, 5, 14, 16, 99].map((x) => nearest(spans, x)), [0, 0, 0, 1, 1]);
});

test("a turn's line is a command and what follows, or an enhanced code and a text", () => {
  const command = { verb: "MAIL", lines: ["MAIL FROM:<>"] };
  assert.deepEqual(parted(command), { isLetter: false, parts: [["verb", "MAIL"], ["soft", " FROM:<>"]], folded: 0 });
  const reply = { verb: "RCPT", code: 250, enhanced: "2.1.5", lines: ["250-2.1.5 OK", "250 2.1.5 indeed"] };
  assert.deepEqual(parted(reply), { isLetter: false, parts: [["soft", "2.1.5"], ["", " OK"]], folded: 1 });
  assert.deepEqual(parted({ verb: "message", lines: ["Hi", "there", "."] }), { isLetter: true, parts: [], folded: 2 });
});

test("a command goes with the reply to it", () => {
  assert.deepEqual(TURNS.map((_, n) => replyTo(TURNS, n)), [0, 2, 2, 4, 4]);
  assert.equal(replyTo([client("QUIT")], 0), -1);
});

test("the digits that differ", () => {
  assert.deepEqual(differing(250, 551), [0, 2]);
  assert.deepEqual(differing(550, 551), [2]);
});

