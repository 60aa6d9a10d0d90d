import assert from "node:assert/strict";
import { test } from "node:test";
import { differing, ending, pairOf } from "../../../smtpedu/widgets/comparison/comparison.js";

test("the digits that differ, by their places", () => {
  assert.deepEqual(differing(250, 551), [0, 2]);
  assert.deepEqual(differing(551, 550), [2]);
  assert.deepEqual(differing(551, 551), []);
});

test("a pair is found in either order", () => {
  const pairs = { "250-551": "written" };
  assert.equal(pairOf(pairs, 551, 250), "written");
  assert.equal(pairOf(pairs, 250, 450), undefined);
});

test("who has the message, and who hears of the new address", () => {
  const has = (code) => ending(code, (key) => key).find(([, kind]) => kind === "has")[0];
  const said = (code) => ending(code, (key) => key).flat().join(" ");
  assert.deepEqual([250, 251, 550, 551].map(has), [
    "scene.server",
    "scene.server",
    "scene.client",
    "scene.client",
  ]);
  const tells = [250, 251, 550, 551].map((code) => said(code).includes("scene.tells"));
  assert.deepEqual(tells, [false, true, false, true]);
});
