import assert from "node:assert/strict";
import { test } from "node:test";
import { fits } from "../../../smtpedu/widgets/explorer/explorer.js";
import { toward } from "../../../smtpedu/widgets/explorer/table.js";

const code = (title) => ({ code: 551, text: "User not local", commands: [], texts: { title } });
const finds = (title, search) => fits(code(title), { search });

test("a word is found with and without its marks, however its letters are typed", () => {
  for (const typed of ["المستلم", "المستلِم", "المـستلم"])
    assert.ok(finds("المستلِم", typed), typed);
  for (const [written, typed] of [
    ["إعادة", "اعاده"],
    ["مؤقتًا", "مؤقتا"],
    ["إلى", "الي"],
    ["آلية", "اليه"],
    ["القائمة", "القايمة"],
  ])
    assert.ok(finds(written, typed) && finds(typed, written), written);
  assert.ok(!finds("المستلِم", "المرسل"));
});

test("every word must be there, in any case and accents aside", () => {
  assert.ok(finds("Café", "CAFE user 551"));
  assert.ok(!finds("Café", "cafe relay"));
  assert.ok(finds("", ""));
});

test("English words are found in every language", () => {
  const english = { texts: { description: "The mailbox has moved." } };
  assert.ok(fits(code("انتقل"), { search: "moved" }, english));
  assert.ok(!fits(code("انتقل"), { search: "moved" }));
});

test("a command finds what may answer it, and what may answer any", () => {
  const answers = (...commands) => fits({ ...code(""), commands }, { search: "", command: "RCPT" });
  assert.ok(answers("RCPT") && answers("any") && !answers("DATA"));
});

const PLACES = [[0, 0], [30, 0], [90, 0], [0, 30], [90, 60]];
for (const [key, from, to, isRightward = true] of [
  ["ArrowRight", 2, 3],
  ["ArrowRight", 4, 4],
  ["ArrowLeft", 0, 0],
  ["ArrowRight", 2, 1, false],
  ["ArrowDown", 1, 3],
  ["ArrowDown", 2, 4],
  ["ArrowUp", 4, 2],
  ["ArrowUp", 0, 0],
  ["Home", 3, 0],
  ["End", 0, 4],
  ["x", 0, undefined],
])
  test(`${key} leads from ${from} to ${to}${isRightward ? "" : " where one writes leftward"}`, () =>
    assert.equal(toward(key, from, PLACES, isRightward), to));
