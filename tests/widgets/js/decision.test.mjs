import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ask, state, walk, watch } from "../../../smtpedu/widgets/policy/decision.js";

const TREE = [
  ["ours", [["yes", "here"], ["no", "relay denied"]]],
  ["here", [["yes", "local"], ["no", "unknown"]]],
];
const LOCAL = { name: "local", words: "local", mailbox: "a@example.test", answers: { ours: "yes", here: "yes" } };
const DENIED = { name: "relay-denied", words: "relay denied", mailbox: "", answers: { ours: "no" } };

/** What anywidget's model does, without a browser; `kernel` is what the front end shows of it. */
function model(kernel, traits = {}) {
  const values = { answers: {}, tried: {}, asking: "", _tree: TREE, _leaves: [LOCAL, DENIED], ...traits };
  const listeners = new Map();
  return {
    get: (name) => values[name],
    set: (name, value) => {
      if (values[name] === value) return;
      values[name] = value;
      listeners.get(`change:${name}`)?.();
    },
    save_changes: () => {},
    on: (event, listener) => listeners.set(event, listener),
    off: (event) => listeners.delete(event),
    widget_manager: kernel === undefined ? undefined : { kernel },
    listeners,
  };
}

const CASES = [
  ["nothing is answered", {}, ["ours"], undefined],
  ["one answer leads on", { ours: "yes" }, ["ours", "here"], undefined],
  ["one answer decides", { ours: "no" }, ["ours"], "relay denied"],
  ["all are answered", { ours: "yes", here: "no" }, ["ours", "here"], "unknown"],
  ["an answer that does not matter stays unread", { ours: "no", here: "yes" }, ["ours"], "relay denied"],
  ["an answer is no answer to this question", { ours: "maybe" }, ["ours"], undefined],
];
for (const [name, answers, open, words] of CASES)
  test(`walk: ${name}`, () => assert.deepEqual(walk(TREE, answers), { open, words }));

test("the state names the leaf that the answers lead to", () => {
  assert.equal(state(model(null, { answers: { ours: "no" } })).leaf, DENIED);
  assert.equal(state(model(null)).leaf, undefined);
});

test("asking goes to the leaf, and asks once at a time", () => {
  const explorer = model(null);
  ask(explorer, LOCAL);
  assert.deepEqual(explorer.get("answers"), LOCAL.answers);
  assert.equal(explorer.get("asking"), "local");
  ask(explorer, { ...LOCAL, name: "other" });
  assert.equal(explorer.get("asking"), "local");
});

test("a leaf without a mailbox is not asked about", () => {
  const explorer = model(null);
  ask(explorer, DENIED);
  assert.deepEqual([explorer.get("answers"), explorer.get("asking")], [{ ours: "no" }, ""]);
});

for (const kernel of [null, { status: "dead" }])
  test(`no kernel (${JSON.stringify(kernel)}) is noticed at once`, () => {
    const explorer = model(kernel);
    const stop = watch(explorer);
    ask(explorer, LOCAL);
    stop();
    assert.deepEqual(explorer.get("tried"), { local: { problem: "gone" } });
    assert.equal(explorer.get("asking"), "");
  });

for (const [kernel, gone] of [[{ status: "busy" }, false], [{ status: "idle" }, true], [undefined, true]])
  test(`a kernel (${JSON.stringify(kernel)}) that does not answer is ${gone ? "given up" : "waited for"}`, () => {
    mock.timers.enable({ apis: ["setInterval"] });
    const explorer = model(kernel);
    const stop = watch(explorer);
    ask(explorer, LOCAL);
    assert.deepEqual(explorer.get("tried"), {});
    mock.timers.tick(60_000);
    stop();
    mock.timers.reset();
    assert.equal(explorer.get("tried").local?.problem, gone ? "gone" : undefined);
  });

test("an answer ends the waiting", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const explorer = model({ status: "idle" });
  const stop = watch(explorer);
  ask(explorer, LOCAL);
  explorer.set("tried", { local: { said: "250 OK" } });
  explorer.set("asking", "");
  mock.timers.tick(60_000);
  stop();
  mock.timers.reset();
  assert.deepEqual(explorer.get("tried"), { local: { said: "250 OK" } });
  assert.equal(explorer.listeners.size, 0);
});
