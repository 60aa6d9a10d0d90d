import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../../smtpedu/widgets/page/model.js";

test("what is said before Python is found reaches it in order, once it is", async () => {
  const model = new Model({ step: 1 });
  const sent = [];
  const asked = model.send({ do: "hello" });
  model.set("step", 2);
  model.set("step", 3);
  model.save_changes();
  assert.deepEqual(sent, []);
  model.connect((content) => void sent.push(content));
  await asked;
  assert.deepEqual(sent, [{ do: "hello" }, { set: { step: 3 } }]);
});

test("where nobody is, what was asked is refused and the page goes on", async () => {
  const model = new Model({ step: 1 });
  let gone = 0;
  model.on("gone", () => gone++);
  const asked = model.send({ do: "hello" });
  model.connect(null);
  await assert.rejects(asked);
  assert.equal(gone, 1);
  model.set("step", 2);
  model.save_changes();
  assert.equal(model.get("step"), 2);
  await assert.rejects(model.send({ do: "hello" }));
  let here = 0;
  model.on("here", () => here++);
  model.connect(() => {});
  assert.equal(here, 1, "what was refused may be asked again");
});

test("what Python says is not sent back, and told only where it is another", () => {
  const model = new Model({ step: 1, guesses: {} });
  const sent = [];
  const heard = [];
  model.connect((content) => sent.push(content));
  model.on("change:step", () => heard.push(model.get("step")));
  model.on("msg:custom", (said) => heard.push(said));
  model.receive({ state: { step: 1, guesses: {} } });
  model.receive({ state: { step: 4 }, heard: 5 });
  model.save_changes();
  assert.deepEqual([heard, sent], [[4, { heard: 5 }], []]);
});

test("what is set before Python first speaks is not taken back by its first word", () => {
  const model = new Model({ step: 1, predict: false });
  model.set("step", 2);
  model.save_changes();
  model.connect(() => {});
  model.receive({ state: { step: 1, predict: true } });
  assert.deepEqual([model.get("step"), model.get("predict")], [2, true]);
  model.receive({ state: { step: 5 } });
  assert.equal(model.get("step"), 5);
});

test("what the learner did while nobody was there is newer than what Python has", () => {
  const model = new Model({ step: 1, guesses: {} });
  const sent = [];
  model.set("step", 5);
  model.save_changes();
  model.connect((content) => void sent.push(content));
  model.receive({ state: { step: 1, guesses: { 2: 250 } } });
  assert.deepEqual([model.get("step"), model.get("guesses")], [5, { 2: 250 }]);
  assert.deepEqual(sent, [{ set: { step: 5 } }]);
  model.receive({ state: { step: 6 } });
  assert.equal(model.get("step"), 6);
});

test("a place keeps what the learner sees, and only what may be kept", () => {
  const kept = { step: 7 };
  const place = { read: () => kept, write: (values) => Object.assign(kept, values) };
  const model = new Model({ step: 1, predict: false }, place);
  assert.equal(model.get("step"), 7);
  model.set("predict", true);
  model.save_changes();
  assert.deepEqual(kept, { step: 7, predict: true });
  model.receive({ state: { step: 9 } }); // as it stood when Python went
  assert.equal(kept.step, 9);
});
