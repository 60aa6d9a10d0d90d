import assert from "node:assert/strict";
import { test } from "node:test";
import { daysUntil } from "../../../smtpedu/widgets/progress/progress.js";

test("days are those of the learner's clock, not spans of 24 hours", () => {
  const now = new Date(2026, 10, 26, 23, 50);
  assert.equal(daysUntil(new Date(2026, 10, 27, 0, 10), now), 1);
  assert.equal(daysUntil(new Date(2026, 10, 26, 0, 10), now), 0);
  assert.equal(daysUntil(new Date(2026, 10, 24, 12), now), -2);
  // The night in which clocks change is shorter or longer, and still one.
  assert.equal(daysUntil(new Date(2026, 2, 30, 1), new Date(2026, 2, 28, 12)), 2);
});
