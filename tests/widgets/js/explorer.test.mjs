import assert from "node:assert/strict";
import { test } from "node:test";
import { fits } from "../../../smtpedu/widgets/explorer/explorer.js";

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
