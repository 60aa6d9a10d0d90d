import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { line } from "../../../smtpedu/widgets/shared/link.js";

/** A console's model: what was sent, and a way to answer it. */
function model() {
  const sent = [];
  let listener;
  return {
    sent,
    send: async (content) => void sent.push(content),
    on: (name, heard) => {
      if (name === "msg:custom") listener = heard;
    },
    off: () => {},
    answer: (content) => listener({ heard: content?.question }),
  };
}

test("silence is told, even when the answer to an earlier question comes late", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const console = model();
  const states = [];
  const link = line(console, (alive) => states.push(alive));
  link.ask({ do: "hello" });
  link.ask({ do: "say", lines: ["NOOP"] });
  console.answer(console.sent[0]);
  mock.timers.tick(5000);
  assert.deepEqual(states, [true, false]);
  console.answer(console.sent[1]);
  assert.deepEqual(states, [true, false, true]);
  mock.timers.reset();
});

test("an answer in time is no silence", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const console = model();
  const states = [];
  line(console, (alive) => states.push(alive)).ask({ do: "hello" });
  console.answer(console.sent[0]);
  mock.timers.tick(5000);
  assert.deepEqual(states, [true]);
  mock.timers.reset();
});

test("without a kernel there is nobody to wait for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const console = model();
  console.send = async () => {
    throw new Error("no kernel");
  };
  const states = [];
  line(console, (alive) => states.push(alive)).ask({ do: "hello" });
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(5000);
  assert.deepEqual(states, [null]);
  mock.timers.reset();
});
