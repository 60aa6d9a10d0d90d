import assert from "node:assert/strict";
import { test } from "node:test";
import { tally } from "../../../smtpedu/widgets/quiz/attempts.js";
import { judgement as ofCell } from "../../../smtpedu/widgets/quiz/kind-classify.js";
import { asksForCode, codeBegun, digitsOf } from "../../../smtpedu/widgets/quiz/kind-number.js";
import { joints, tested } from "../../../smtpedu/widgets/quiz/kind-order.js";

test("digits may be typed in Arabic, too; other text is no number", () => {
  assert.deepEqual(["551", " 551 ", "٥٥١", "۵۵۱"].map(digitsOf), [551, 551, 551, 551]);
  assert.deepEqual(["", "5xx", "-1", "5.1", "1234567"].map(digitsOf), Array(5).fill(null));
});

test("a code is explained from its first digit on, and what is none is not", () => {
  assert.deepEqual(["2", "25", "251", "٢٥"].map(codeBegun), ["2", "25", "251", "25"]);
  assert.deepEqual(["", "1", "65", "2511", "2x"].map(codeBegun), Array(5).fill(""));
});

test("digits are explained only where all known answers are codes", () => {
  const asks = (...values) => asksForCode({ options: values.map((value) => ({ value })) });
  assert.deepEqual([asks(251, 551), asks(4, 250), asks(2, 5)], [true, false, false]);
  assert.equal(asks(), false, "in an exam the page knows none");
});

test("an order is as right as its neighbours are: one step out of place spoils two", () => {
  const key = [2, 0, 3, 1];
  assert.deepEqual(joints(key, key), [true, true, true]);
  assert.deepEqual(joints([0, 3, 1, 2], key), [true, true, false]);
  assert.deepEqual(joints([1, 3, 0, 2], key), [false, false, false]);
});

test("of two neighbours only what a try has shown is told", () => {
  const judge = tested(
    [
      [0, 1, 2],
      [2, 0, 1],
    ],
    [2, 0, 1],
  );
  const pairs = [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 0],
  ];
  assert.deepEqual(
    pairs.map((pair) => judge(...pair)),
    [true, false, true, null],
  );
});

test("a cell is judged where it was chosen; a right one that was not, in the end", () => {
  assert.deepEqual([ofCell(true, true, false), ofCell(false, true, false)], [true, false]);
  assert.deepEqual([ofCell(true, false, false), ofCell(true, false, true)], [null, true]);
  assert.equal(ofCell(false, false, true), null);
});

test("an objective is known when all its questions were right at once, and no guess", () => {
  const objectives = ["a", "a", "b", "b", "c", "d"];
  const items = objectives.map((objective) => ({ objective }));
  const right = { done: true, first: true, guessed: false, misconceptions: [] };
  const others = [
    { ...right, first: false },
    { ...right, guessed: true },
    { ...right, done: false },
  ];
  assert.deepEqual(tally(items, [right, right, right, ...others]).mastered, ["a"]);
});
