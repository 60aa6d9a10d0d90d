import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ask, standing, walk, watch } from "../../../smtpedu/widgets/policy/decision.js";
import { state } from "../../../smtpedu/widgets/policy/state.js";

const TREE = [
  ["ours", [["yes", "here"], ["no", "relay denied"]]],
  ["here", [["yes", "local"], ["no", "unknown"]]],
];
const LOCAL = { name: "local", words: "local", mailbox: "a@example.test", answers: { ours: "yes", here: "yes" } };
const DENIED = { name: "relay-denied", words: "relay denied", mailbox: "", answers: { ours: "no" } };

/** What the page's model does; `connected` tells whether there is a kernel to ask. */
function model(connected = true, given = {}) {
  const values = { answers: {}, tried: {}, asking: "", tree: TREE, leaves: [LOCAL, DENIED], ...given };
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
    connected,
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

test("where one stands names the leaf that the answers lead to", () => {
  assert.equal(standing(model(true, { answers: { ours: "no" } })).leaf, DENIED);
  assert.equal(standing(model()).leaf, undefined);
});

test("asking goes to the leaf, and asks once at a time", () => {
  const explorer = model();
  ask(explorer, LOCAL);
  assert.deepEqual(explorer.get("answers"), LOCAL.answers);
  assert.equal(explorer.get("asking"), "local");
  ask(explorer, { ...LOCAL, name: "other" });
  assert.equal(explorer.get("asking"), "local");
});

test("a leaf without a mailbox is not asked about", () => {
  const explorer = model();
  ask(explorer, DENIED);
  assert.deepEqual([explorer.get("answers"), explorer.get("asking")], [{ ours: "no" }, ""]);
});

test("that there is no kernel is noticed at once", () => {
  const explorer = model(false);
  const stop = watch(explorer);
  ask(explorer, LOCAL);
  stop();
  assert.deepEqual(explorer.get("tried"), { local: { problem: "gone" } });
  assert.equal(explorer.get("asking"), "");
});

for (const [seconds, gone] of [[20, false], [60, true]])
  test(`a kernel that is silent for ${seconds} seconds is ${gone ? "given up" : "waited for"}`, () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const explorer = model();
    const stop = watch(explorer);
    ask(explorer, LOCAL);
    mock.timers.tick(seconds * 1000);
    stop();
    mock.timers.reset();
    assert.equal(explorer.get("tried").local?.problem, gone ? "gone" : undefined);
  });

test("an answer ends the waiting", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const explorer = model();
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

const KIT = { load: async () => ({ tree: TREE, leaves: [LOCAL] }) };

test("leaves are put together whatever they are named, and many of them at once", async () => {
  const many = Array.from({ length: 50_000 }, (_, n) => ({ name: `l${n}`, texts: { en: { said: n } } }));
  const named = JSON.parse(
    '[{"name": "__proto__", "texts": {"en": {"said": "a"}, "__proto__": {"said": "b"}}}]',
  );
  const { texts, leaves } = await state({ leaves: [...many, ...named] }, KIT);
  assert.equal(leaves.length, 50_001);
  assert.deepEqual([texts.en.l0, texts.en.l49999], [{ said: 0 }, { said: 49_999 }]);
  assert.equal({}.said, undefined);
  assert.equal(Object.getPrototypeOf(texts.en), null);
});
