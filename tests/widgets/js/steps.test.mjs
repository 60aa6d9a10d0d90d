import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { differing } from "../../../smtpedu/widgets/comparison/comparison.js";
import { fits } from "../../../smtpedu/widgets/explorer/explorer.js";
import { answer, clock, go, isOpen, limit, next, promises, score, state } from "../../../smtpedu/widgets/player/steps.js";

const client = (verb) => ({ from: "client", verb });
const server = (verb, code) => ({ from: "server", verb, code, choices: [250, code] });
const TURNS = [server("connect", 220), client("EHLO"), server("EHLO", 250), client("RCPT"), server("RCPT", 551)];

/** What anywidget's model does, without a browser or a kernel. */
function model(traits = {}) {
  const values = { step: 0, predict: false, playing: false, highlight: 0, guesses: {}, name: "", _envelopes: [], _turns: TURNS, ...traits };
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
  assert.equal(limit(state(player)), 0);
  answer(player, 220);
  go(player, Number.POSITIVE_INFINITY);
  assert.equal(player.get("step"), 2);
  assert.ok(isOpen(state(player), 3));
});

test("Next passes over a prediction and does not count it", () => {
  const player = model({ predict: true });
  next(player);
  answer(player, 250); // turn 2 is the client's: the answer goes to the turn that follows
  assert.deepEqual(player.get("guesses"), { 1: 0, 2: 250 });
  assert.deepEqual(score(state(player)), { right: 0, made: 1 });
});

test("a right and a wrong prediction are told apart", () => {
  const guesses = { 1: 220, 3: 551, 5: 551 };
  assert.deepEqual(score(state(model({ guesses }))), { right: 2, made: 3 });
});

test("promises counts only what has been shown", () => {
  assert.deepEqual(promises(state(model({ step: 2, highlight: 250 }))), []);
  assert.deepEqual(promises(state(model({ step: 5, highlight: 250 }))), [["EHLO", 1]]);
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

test("the digits that differ", () => {
  assert.deepEqual(differing(250, 551), [0, 2]);
  assert.deepEqual(differing(550, 551), [2]);
});

test("a code fits by digits, command and all words", () => {
  const code = { code: 551, text: "User not local", texts: { title: "Moved" }, commands: ["RCPT"] };
  const none = { search: "", first: "", second: "", command: "" };
  assert.ok(fits(code, none));
  assert.ok(fits(code, { ...none, first: "5", command: "RCPT", search: "LOCAL moved" }));
  assert.ok(!fits(code, { ...none, first: "2" }));
  assert.ok(!fits(code, { ...none, command: "MAIL" }));
  assert.ok(!fits(code, { ...none, search: "local elsewhere" }));
});
