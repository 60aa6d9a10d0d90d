import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attempt,
  mark,
  nextOpen,
  standing,
  tally,
} from "../../../smtpedu/widgets/quiz/attempts.js";
import { Model } from "../../../smtpedu/widgets/page/model.js";
import { fits, grade, solution, written } from "../../../smtpedu/widgets/quiz/grading.js";
import { courier, journal } from "../../../smtpedu/widgets/quiz/journal.js";
import { judgement } from "../../../smtpedu/widgets/quiz/judged.js";
import { actions, origin, present, recall, withDraft } from "../../../smtpedu/widgets/quiz/sitting.js";
import { follow, pageOf, saidIn, state } from "../../../smtpedu/widgets/quiz/state.js";

const option = (place, right, more) => ({
  place,
  right,
  feedback: `feedback ${place}`,
  misconception: right ? "" : `belief ${place}`,
  ...more,
});
const CHOICE = {
  id: "choice",
  mark: "m",
  kind: "choice",
  objective: "digits",
  options: [option(2, false), option(0, true), option(1, false)],
};
const ORDER = {
  id: "order",
  kind: "order",
  objective: "order",
  options: [option(1), option(2), option(0)],
};
const NUMBER = {
  id: "number",
  kind: "number",
  objective: "digits",
  otherwise: "no code",
  options: [option(0, true, { value: 251 }), option(1, false, { value: 551 })],
};
const ITEMS = [CHOICE, ORDER, NUMBER];

/** A `localStorage`; `broken` names the methods that throw. */
function storage(content = {}, broken = []) {
  const guard = (name) => {
    if (broken.includes(name)) throw new Error("QuotaExceededError");
  };
  return {
    content,
    get length() {
      return Object.keys(content).length;
    },
    key: (n) => Object.keys(content)[n] ?? null,
    getItem: (key) => {
      guard("getItem");
      return content[key] ?? null;
    },
    setItem: (key, value) => {
      guard("setItem");
      content[key] = String(value);
    },
    removeItem: (key) => {
      guard("removeItem");
      delete content[key];
    },
  };
}

/** A widget's model that keeps a log of what happens to it. */
function model(traits, log = []) {
  const heard = {};
  return {
    log,
    get: (name) => traits[name],
    set: (name, value) => {
      log.push(["set", name]);
      traits[name] = value;
    },
    save_changes: () => log.push(["save"]),
    send: async (content) => void log.push(["send", content]),
    on: (event, listener) => {
      heard[event] = [...(heard[event] ?? []), listener];
    },
    off: (event, listener) => {
      heard[event] = heard[event].filter((one) => one !== listener);
    },
    say: (content) => {
      for (const listener of heard["msg:custom"] ?? []) listener(content);
    },
  };
}

const WHOSE = { owners: ["mine", "before"], run: "r1", shared: false };

function answer(key, more = {}) {
  return {
    id: key,
    key,
    store: "mine",
    number: 1,
    at: `2026-11-24T09:30:0${key.length}.000Z`,
    ...more,
  };
}

function sitting(values = {}, storageOfPage = storage()) {
  const log = [];
  const role = values.exam ? "draft" : "practice";
  const run = { run: "r1", quiz: "q", role, seed: 0 };
  const quiz = { answers: {}, at: 0, exam: false, result: {}, run, page: { items: ITEMS } };
  const made = model({ ...quiz, ...values }, log);
  const kept = journalOf(WHOSE, storageOfPage);
  const add = kept.add;
  kept.add = (one) => {
    log.push(["journal", one.id]);
    return add(one);
  };
  const memory = { drafts: {}, wanted: "", alive: true };
  Object.assign(memory, { announce: () => {}, notify: () => {} });
  const post = courier(made, kept, (news) => Object.assign(memory, news));
  const acts = actions({ model: made, memory, kept, post }, (key) => key);
  return { model: made, memory, post, acts, log, kept };
}

test("of an exam no value of the model tells what is right", async () => {
  const own = { kind: "choice", stem: "?", language: "en", options: [option(0, true), option(1)] };
  const bank = {
    items: { q: { ...own, id: "q" } },
    titles: {},
    objectives: {},
    misconceptions: {},
  };
  const kit = { strings: { en: {} }, load: async () => bank };
  const of = async (exam) =>
    state({ quiz: "x", role: "draft", seed: 1, items: ["m 1,0 q"], exam }, kit);
  assert.doesNotMatch(JSON.stringify(await of(true)), /feedback|belief|"right"|place/);
  assert.equal((await of(false)).page.items[0].options[0].feedback, "feedback 1");
});

/* ---- grading, standing ---- */

test("a response is positions on the page; the solution is one, too", () => {
  assert.equal(solution(CHOICE), 1);
  assert.deepEqual(solution(ORDER), [2, 0, 1]);
  assert.equal(grade(CHOICE, 1).right, true);
  assert.deepEqual(grade(CHOICE, 0).misconceptions, ["belief 2"]);
  assert.equal(grade(ORDER, [2, 0, 1]).right, true);
  assert.deepEqual(grade(NUMBER, 999).said, ["no code"]);
});

test("what is no response is graded as none", () => {
  for (const response of [null, undefined, "1", 3, -1, 0.5, [0], {}])
    assert.equal(grade(CHOICE, response), null);
  assert.equal(fits(ORDER, [0, 0, 1]), false);
});

test("a question ends with the right answer, or with the second try", () => {
  const after = (...responses) =>
    standing(
      CHOICE,
      responses.map((response) => ({ response })),
    );
  const marks = [[], [1], [0], [0, 1], [0, 2]].map((responses) => mark(after(...responses)));
  assert.deepEqual(marks, ["open", "right", "begun", "second", "wrong"]);
  assert.equal(after(0).solution, null);
  assert.equal(after(0, 2).solution, 1);
  assert.deepEqual(after(0, 2).misconceptions, ["belief 2", "belief 1"]);
});

test("what was said of the first try stays with what is said of the second", () => {
  const { said, earlier } = standing(CHOICE, [{ response: 0 }, { response: 2 }]);
  assert.deepEqual(said, ["feedback 1"]);
  assert.deepEqual(earlier, [{ response: 0, said: ["feedback 2"] }]);
  assert.deepEqual(standing(CHOICE, [{ response: 0 }]).earlier, []);
  assert.deepEqual(standing(CHOICE, [], { exam: true }).earlier, []);
});

test("a wrong answer that was a guess shows no belief", () => {
  const guessed = { response: 0, guessed: true };
  assert.deepEqual(standing(CHOICE, [guessed]).misconceptions, []);
  assert.deepEqual(standing(CHOICE, [guessed, { response: 2 }]).misconceptions, ["belief 1"]);
  const verdict = { right: false, said: [], misconceptions: ["belief 2"], solution: 1 };
  const inExam = (one) => standing(CHOICE, [one], { exam: true, verdict }).misconceptions;
  assert.deepEqual([inExam(guessed), inExam({ response: 0 })], [[], ["belief 2"]]);
  assert.deepEqual(tally([CHOICE], [standing(CHOICE, [guessed])]).beliefs, []);
});

test("only a first answer tells of beliefs", () => {
  const chance = (...all) => standing(CHOICE, all).chance?.misconceptions;
  assert.deepEqual(chance({ response: 0 }, { response: 2 }), ["belief 2"]);
  assert.deepEqual(chance({ response: 1 }), []);
  assert.equal(chance({ response: 0, guessed: true }, { response: 2 }), undefined);
  assert.equal(chance(), undefined);
  const verdict = { right: false, said: [], misconceptions: ["belief 2"], solution: 1 };
  const inExam = (given) => standing(CHOICE, given, { exam: true, verdict }).chance;
  assert.deepEqual(inExam([{ response: 0 }]).misconceptions, ["belief 2"]);
  assert.equal(inExam([]), null, "what was left out is no answer");
  assert.equal(standing(CHOICE, [{ response: 0 }], { exam: true }).chance, null);
});

test("what the journal adds to an answer, and Python takes away, changes nothing that is seen", () => {
  const given = { response: 0, guessed: false, hints: 0, number: 1 };
  const more = { ...given, run: "r", store: "s", key: "k", mark: "m", at: "2026-11-24T09:30:00Z" };
  assert.deepEqual(standing(CHOICE, [more]), standing(CHOICE, [given]));
});

test("an attempt that no longer fits its question counts as none", () => {
  assert.equal(mark(standing(CHOICE, [{ response: 7 }])), "open");
});

test("in an exam nothing is judged before the verdict is there", () => {
  const answered = standing(CHOICE, [{ response: 0 }], { exam: true });
  assert.equal(mark(answered, true), "answered");
  assert.deepEqual([answered.said, answered.solution, answered.right], [[], null, false]);
  const verdict = { right: true, said: ["yes"], misconceptions: [], solution: 1 };
  assert.equal(mark(standing(CHOICE, [{ response: 1 }], { exam: true, verdict }), true), "right");
});

test("one goes on with the first question that is open", () => {
  const after = (...all) => nextOpen(all.map((done) => ({ done })));
  assert.deepEqual([after(true, false, true, false), after(true)], [1, 1]);
});

test("what was wrong, late or guessed is to be read again", () => {
  const answers = [
    [{ response: 1, guessed: true }],
    [{ response: [2, 0, 1] }],
    [{ response: 551 }, { response: 251 }],
  ];
  const standings = ITEMS.map((item, n) => standing(item, answers[n]));
  const found = tally(ITEMS, standings);
  assert.deepEqual([found.right, found.first, found.lucky, found.open], [3, 2, 1, 0]);
  assert.deepEqual(found.objectives, ["digits"]);
  const [belief] = found.beliefs;
  assert.deepEqual(belief, { name: "belief 1", status: "suspected", signs: 1, chances: 2 });
});

test("a belief is held after signs in two questions, and comes before what is suspected", () => {
  const item = (id, ...names) => ({
    id,
    options: names.map((misconception) => ({ misconception })),
  });
  const items = [item("one", "a", "b"), item("two", "b", "c"), item("three", "a", "c", "")];
  const shows = (...misconceptions) => ({ chance: { right: false, misconceptions } });
  const found = tally(items, [shows("a", "b"), shows("b"), shows("c")]).beliefs;
  const said = found.map(({ name, status, signs, chances }) => [name, status, signs, chances]);
  assert.deepEqual(said, [
    ["b", "held", 2, 2],
    ["a", "suspected", 1, 2],
    ["c", "suspected", 1, 2],
  ]);
});

test("a question is said in a language in which it has a twin", () => {
  const order = ["2,0,1", "", ""];
  const twin = {
    stem: "سؤال",
    options: [0, 1, 2].map((n) => ({ text: `خيار ${n}`, feedback: `رد ${n}` })),
  };
  const whole = { ...CHOICE, stem: "A question", language: "en", twins: { ar: twin } };
  const options = [0, 1, 2].map((n) => option(n, n === 0, { text: `option ${n}` }));
  const bank = { items: { choice: { ...whole, options } }, objectives: {}, misconceptions: {} };
  const asked = { seed: 1, items: [`00000000 ${order[0]} choice`] };
  const [english] = pageOf(asked, bank).items;
  const arabic = saidIn("ar", english);
  assert.deepEqual([arabic.stem, arabic.language, arabic.id], ["سؤال", "ar", "choice"]);
  assert.deepEqual(
    arabic.options.map(({ text }) => text),
    ["خيار 2", "خيار 0", "خيار 1"],
  );
  assert.deepEqual(grade(arabic, 1).said, ["رد 0"]);
  assert.equal(grade(arabic, 1).right, true);
  assert.deepEqual(saidIn("en", english).stem, "A question");
  const keyed = { ...whole, twins: { ar: { ...twin, hint: "سر", why: "سر" } }, options };
  const secret = { ...bank, items: { choice: keyed } };
  const [inExam] = pageOf({ ...asked, exam: true }, secret).items;
  assert.deepEqual(saidIn("ar", inExam).options[0].text, "خيار 2");
  assert.doesNotMatch(JSON.stringify(inExam), /سر|رد/, "nothing that tells what is right");
});

test("Python's later questions are taken, but none that was seen goes", async () => {
  const items = Object.fromEntries(["a", "b", "c", "d"].map((id) => [id, { ...CHOICE, id }]));
  const bank = { items, objectives: {}, misconceptions: {} };
  const kit = { load: async () => bank };
  const list = (seed, ...ids) => ({ seed, items: ids.map((id) => `00000000 0,1,2 ${id}`) });
  const page = (asked) => pageOf(asked, bank);
  const values = { questions: list(1, "a", "b", "c"), page: page(list(1, "a", "b", "c")) };
  const it = new Model({ ...values, at: 0, seen: 0 });
  follow(it, kit);
  await null;
  const take = (asked) => {
    it.set("questions", asked);
    return it.get("page").items.map(({ id }) => id);
  };
  assert.deepEqual(take(list(1, "a", "d", "c")), ["a", "d", "c"]);
  it.set("at", 1);
  it.set("at", 0);
  assert.deepEqual(take(list(1, "a", "b", "c")), ["a", "d", "c"], "d has been seen");
  assert.deepEqual(take(list(1, "a", "d", "b")), ["a", "d", "b"]);
  assert.deepEqual(take(list(2, "c", "b", "a")), ["c", "b", "a"], "of another run");
  assert.equal(it.get("seen"), 0);
});

test("what has to be found is not shown, and in an exam not even sent to the model", () => {
  const bank = { items: { number: { ...NUMBER, stem: "?" } }, objectives: {}, misconceptions: {} };
  const asked = { seed: 1, items: ["00000000  number"] };
  assert.deepEqual(
    pageOf(asked, bank).items[0].options.map(({ value }) => value),
    [251, 551],
  );
  assert.deepEqual(pageOf({ ...asked, exam: true }, bank).items[0].options, []);
});

test("a quiz without questions in the notebook takes one of those that the page has", async () => {
  globalThis.sessionStorage = storage();
  globalThis.localStorage = storage();
  const hands = { mine: [1, 2, 3].map((seed) => ({ seed, items: ["00000000 2,0,1 choice"] })) };
  const bank = { hands, titles: { mine: { en: "Mine" } }, items: { choice: CHOICE } };
  const kit = { load: async () => bank, strings: { en: {} } };
  const found = await state({ quiz: "mine", role: "practice" }, kit);
  assert.ok([1, 2, 3].includes(found.run.seed));
  assert.deepEqual([found.run.alone, found.questions.seed], [true, found.run.seed]);
  assert.deepEqual(
    found.page.items.map(({ id, mark }) => [id, mark]),
    [["choice", "00000000"]],
  );
  const again = await state({ quiz: "mine", role: "practice" }, kit);
  assert.deepEqual(again.run, found.run, "the same as long as the page is the same");
  const exam = await state({ quiz: "mine", role: "draft", exam: true }, kit);
  assert.deepEqual([exam.exam, exam.page.items[0].options[0].right], [true, undefined]);
});

test("an answer is never given before the one that it follows, whatever the clock says", () => {
  const later = { at: "2999-01-01T00:00:00.000Z" };
  const given = { response: 1, guessed: false, hints: 0 };
  assert.equal(attempt({}, CHOICE, [later], given).at, later.at);
  assert.ok(attempt({}, CHOICE, [{ at: "2000-01-01T00:00:00.000Z" }], given).at > "2026");
});

test("an attempt has an id of its own and the next number", () => {
  const made = () => attempt({ run: "r", quiz: "q", seed: 0 }, CHOICE, [{}], { response: 1 });
  assert.notEqual(made().id, made().id);
  assert.equal(made().number, 2);
  assert.match(made().at, /^\d{4}-\d\d-\d\dT.*Z$/);
});

/* ---- what is told of an option ---- */

test("before the end only what was chosen wrongly is told", () => {
  const asked = { done: false, failed: false, earlier: [] };
  const again = { ...asked, failed: true };
  assert.deepEqual(judgement(false, [true], asked), {});
  const wrong = { given: true, right: false, tag: "ask.your_first" };
  assert.deepEqual(judgement(false, [true], again), wrong);
  for (const [isRight, chosen] of [
    [true, true],
    [true, false],
    [false, false],
  ])
    assert.deepEqual(judgement(isRight, [chosen], again), {});
});

test("in the end each try is told, and that one is right is another mark than that it is yours", () => {
  const over = { done: true, failed: false, earlier: [{}] };
  const told = (isRight, ...tries) => {
    const { given, right, tag } = judgement(isRight, tries, over);
    return [given, right, tag];
  };
  assert.deepEqual(told(false, true, false), [false, false, "ask.your_first"]);
  assert.deepEqual(told(false, true, true), [true, false, "ask.your_second"]);
  assert.deepEqual(told(true, false, true), [true, true, "ask.your_second"]);
  assert.deepEqual(told(true, true, false), [false, true, "ask.missed"]);
  assert.deepEqual(judgement(false, [false, false], over), {});
  const atOnce = judgement(true, [true], { ...over, earlier: [] });
  assert.deepEqual(atOnce, { given: true, right: true, tag: "ask.your_answer" });
});

/* ---- the journal ---- */

const journalOf = (whose, page) =>
  journal(
    () => whose,
    () => page,
  );
const keysOf = (kept) => kept.entries().map(({ key }) => key);

test("the journal keeps attempts until they are removed, each under a key of its own", () => {
  const page = storage();
  const kept = journalOf(WHOSE, page);
  assert.equal(kept.add(answer("a")), true);
  kept.add(answer("bb"));
  kept.add(answer("a exam", { id: "a" }));
  assert.deepEqual(Object.keys(page.content), [
    "smtpedu:answer:mine:a",
    "smtpedu:answer:mine:bb",
    "smtpedu:answer:mine:a exam",
  ]);
  kept.remove(["a", "unknown"]);
  const other = journalOf(WHOSE, page);
  assert.deepEqual(keysOf(other), ["bb", "a exam"], "another page sees the same journal");
  kept.remove(["bb", "a exam"]);
  assert.deepEqual(page.content, {});
});

test("what comes back is in the order in which it was given", () => {
  const [second, first] = ["2026-11-24T09:30:01.000Z", "2026-11-24T09:30:00.000Z"];
  const page = storage();
  const kept = journalOf(WHOSE, page);
  kept.add(answer("a", { at: second, number: 2 }));
  kept.add(answer("b", { at: second, number: 1 }));
  kept.add(answer("c", { at: first }));
  assert.deepEqual(keysOf(kept), ["c", "b", "a"]);
});

test("two pages that write in the same instant lose nothing", () => {
  const page = storage();
  const [one, other] = [1, 2].map(() => journalOf(WHOSE, page));
  const written = page.setItem;
  page.setItem = (...row) => {
    page.setItem = written;
    other.add(answer("theirs")); // between the first page's reading and its writing
    written(...row);
  };
  one.add(answer("mine"));
  assert.deepEqual(keysOf(one).sort(), ["mine", "theirs"]);
});

test("an answer goes to the file it was given to, and to no other person's", () => {
  const page = storage();
  const ann = journal(
    () => ({ owners: ["ann", "ann before"], run: "r1" }),
    () => page,
  );
  ann.add(answer("a", { store: "ann" }));
  ann.add(answer("b", { store: "ann before" }));
  const before = { ...page.content };
  const bob = journal(
    () => ({ owners: ["bob"], run: "r2" }),
    () => page,
  );
  assert.deepEqual([bob.entries(), bob.others()], [[], 2]);
  bob.remove(["a", "b"]);
  assert.deepEqual(page.content, before, "nothing of it is touched");
  assert.deepEqual([keysOf(ann), ann.others()], [["a", "b"], 0]);
});

test("where nothing is to be kept, nothing of it is in the browser", () => {
  const page = storage();
  const kept = journal(
    () => ({ owners: [""], run: "r1", shared: true }),
    () => page,
  );
  assert.equal(kept.add(answer("a", { store: "" })), false);
  assert.deepEqual([keysOf(kept), page.content], [["a"], {}]);
  kept.remove(["a"]);
  assert.deepEqual([keysOf(kept), kept.isWhole()], [[], true]);
});

test("what was given before Python spoke belongs to this page, then to the file that Python uses", () => {
  const page = storage();
  const whose = { owners: [], run: "r1" };
  const here = journalOf(whose, page);
  const store = here.owner();
  assert.match(store, /^page-[0-9a-f]{32}$/);
  here.add(answer("a", { store }));
  const elsewhere = globalThis.smtpeduPage;
  globalThis.smtpeduPage = "page-of-another";
  assert.deepEqual([here.entries(), here.others()], [[], 1], "another page's are not this one's");
  globalThis.smtpeduPage = elsewhere;
  assert.equal(here.settle(), false, "Python uses no file yet");
  whose.owners = ["mine"];
  assert.equal(here.settle(), true);
  assert.deepEqual(Object.keys(page.content), ["smtpedu:answer:mine:a"]);
  assert.deepEqual(here.entries(), [answer("a")]);
  assert.deepEqual([here.settle(), here.owner()], [false, "mine"]);
});

test("a page that is loaded again is the same, but not for another account, nor in another tab", () => {
  const tab = storage();
  const loaded = (tab, baseUrl, type = "reload") => {
    delete globalThis.smtpeduPage;
    globalThis.performance.getEntriesByType = () => [{ type }];
    Object.assign(globalThis, {
      sessionStorage: tab,
      document: { getElementById: () => ({ textContent: JSON.stringify({ baseUrl }) }) },
    });
    return journalOf({ owners: [] }, storage()).owner();
  };
  const before = globalThis.document;
  const ann = loaded(tab, "/user/ann/");
  const others = [
    [tab, "/user/bob/"],
    [storage(), "/user/ann/"],
    [undefined, "/user/ann/"],
  ];
  assert.equal(loaded(tab, "/user/ann/"), ann);
  for (const other of others) assert.notEqual(loaded(...other), ann);
  assert.equal(loaded(tab, "/user/ann/"), ann);
  // A tab that was opened from this one begins with a copy of what it stored.
  assert.notEqual(loaded(storage({ ...tab.content }), "/user/ann/", "navigate"), ann);
  globalThis.document = before;
  delete globalThis.sessionStorage;
  delete globalThis.performance.getEntriesByType;
});

test("a browser that has no room for what Python uses keeps it as long as the page is open", () => {
  const [page, whose] = [storage(), { owners: [] }];
  const kept = journalOf(whose, page);
  kept.add(answer("a", { store: kept.owner() }));
  whose.owners = ["mine"];
  page.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  assert.deepEqual([kept.settle(), kept.settle()], [true, false]);
  assert.deepEqual([kept.entries(), kept.isWhole(), page.content], [[answer("a")], false, {}]);
});

test("what the browser would not keep goes to the file that Python uses, too", () => {
  const whose = { owners: [], run: "r1" };
  const kept = journalOf(whose, storage({}, ["setItem"]));
  kept.add(answer("a", { store: kept.owner() }));
  whose.owners = ["mine"];
  assert.equal(kept.settle(), true);
  assert.deepEqual(kept.entries(), [answer("a")]);
});

test("a journal that is damaged or of another shape hinders nothing", () => {
  for (const text of ["{", "[1]", "null", "7", '"x"', '{"key": "b", "store": "mine"}']) {
    const page = storage({ "smtpedu:answer:mine:a": text, other: "{" });
    const kept = journalOf(WHOSE, page);
    assert.deepEqual(kept.entries(), []);
    assert.equal(kept.add(answer("c")), true);
    assert.deepEqual(keysOf(kept), ["c"]);
    kept.remove(["c"]);
    assert.deepEqual(kept.entries(), []);
  }
});

test("an answer that is too deep or too large, or of no form, bars no other's way", () => {
  const nested = "[".repeat(1_500) + "]".repeat(1_500);
  const fields = { item: nested, store: '{"toString": null}', key: '["a"]', at: '{"b": 1}' };
  const more = { response: `[${nested}]`, mark: JSON.stringify("x".repeat(60_000)) };
  const page = storage();
  for (const [field, text] of Object.entries({ ...fields, ...more })) {
    const whole = JSON.stringify(answer("a", { [field]: "HERE" })).replace('"HERE"', text);
    page.setItem(`smtpedu:answer:mine:a`, whole);
    const kept = journalOf(WHOSE, page);
    kept.add(answer("b"));
    assert.deepEqual([keysOf(kept), kept.others()], [["b"], 0], field);
  }
});

test("many answers are sent in groups, each of them once", () => {
  const { model: made, post, kept } = sitting();
  for (let n = 0; n < 250; n++) kept.add(answer(`a${n}`));
  assert.equal(post.deliver(), 250);
  const sent = made.log.filter(([what]) => what === "send").map(([, said]) => said.attempts);
  assert.ok(sent.every(({ length }) => length <= 100));
  assert.equal(new Set(sent.flat().map(({ key }) => key)).size, 250);
  post.hangUp();
});

test("what is written is kept as what Python can keep", () => {
  const cases = [
    ["a\ud83d", "a\ufffd"],
    [" \u{1f600} ", "\u{1f600}"],
    ["x".repeat(1001), null],
    ...["", " ", "\x1c", "\x85", "\ufeff \x1f"].map((blank) => [blank, null]),
  ];
  for (const [text, wanted] of cases) assert.equal(written(text), wanted);
  const open = { kind: "open" };
  const fitting = ["a", "a\ud83d", "\x1c", " "].filter((text) => fits(open, text));
  assert.deepEqual(fitting, ["a"]);
});

test("what was given before Python spoke goes to no file that another open notebook uses", () => {
  const page = storage();
  const open = ["a b.ipynb", "b.ipynb"];
  const of = (own, whose) => {
    const isOther = (path) => path !== own && open.includes(path);
    const notebook = { path: () => own, isOther };
    return journal(
      () => whose,
      () => page,
      notebook,
    );
  };
  const given = of(open[0], { owners: [] });
  given.add(answer("a", { store: given.owner() }));
  const other = of(open[1], { owners: ["theirs"] });
  assert.deepEqual([other.settle(), other.entries(), other.others()], [false, [], 1]);
  const own = of(open[0], { owners: ["mine"] });
  assert.deepEqual([own.settle(), own.entries()], [true, [answer("a")]]);
  // The notebook has another name now: who answered in this page runs it.
  given.add(answer("c", { store: given.owner() }));
  open[0] = "new name.ipynb";
  assert.equal(of(open[0], { owners: ["mine"] }).settle(), true);
});

test("where the browser keeps nothing, answers last as long as the page", () => {
  const full = journalOf(WHOSE, storage({}, ["setItem"]));
  const blocked = journal(
    () => WHOSE,
    () => {
      throw new Error("SecurityError");
    },
  );
  for (const kept of [full, blocked]) {
    assert.equal(kept.add(answer("a")), false);
    assert.deepEqual(kept.entries(), [answer("a")]);
    kept.remove(["a"]);
    assert.deepEqual(kept.entries(), []);
  }
});

test("an answer that the browser would not keep is not forgotten when it keeps the next", () => {
  const broken = ["setItem"];
  const { post, kept, model: made } = sitting({}, storage({}, broken));
  kept.add(answer("a"));
  broken.pop();
  kept.add(answer("b"));
  assert.equal(kept.isWhole(), false);
  made.say({ stored: ["a"] });
  assert.equal(kept.isWhole(), true);
  post.hangUp();
});

test("only what Python has stored leaves the journal", () => {
  const { model: made, post, memory, kept } = sitting();
  for (const key of ["a", "b"]) kept.add(answer(key));
  post.deliver();
  assert.equal(made.log.at(-1)[1].attempts.length, 2);
  made.say({ heard: 1, stored: ["a"], trouble: "disk full" });
  assert.deepEqual(keysOf(kept), ["b"]);
  assert.equal(memory.trouble, "disk full");
  made.say({ heard: 1 });
  assert.equal(kept.entries().length, 1);
  post.hangUp();
});

test("an answer says whether the words of its question were in the notebook", () => {
  const questions = { own: { mine: {} } };
  const cases = [
    ["mine", { alone: true, own: false }, { foreign: true }],
    ["mine", { alone: true, own: true }, {}], // the bank's own hand
    ["mine", {}, {}], // Python has spoken
    ["theirs", { alone: true, own: false }, {}],
  ];
  for (const [id, run, wanted] of cases) {
    assert.deepEqual(origin(new Model({ run, questions }), { id }), wanted);
  }
});

test("what could not be stored is sent again after a while, by whichever widget", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { model: made, post, kept, memory } = sitting();
  const sent = () => made.log.filter(([what]) => what === "send").map(([, said]) => said.do);
  kept.add(answer("a"));
  made.say({ heard: 1, stored: [], trouble: "disk full" });
  context.mock.timers.tick(10_000);
  assert.deepEqual(sent(), ["store"]);
  made.say({ heard: 1, stored: [], trouble: "disk full" });
  kept.remove(["a"]); // another widget has brought it there
  context.mock.timers.tick(10_000);
  assert.deepEqual(sent(), ["store", "hello"]);
  made.say({ heard: 1, stored: [] });
  assert.equal(memory.trouble, "");
  context.mock.timers.tick(100_000);
  assert.deepEqual(sent(), ["store", "hello"]);
  post.hangUp();
});

/* ---- a sitting ---- */

test("an answer is in the journal first, then in the model, then on its way", () => {
  const { acts, log, kept, post } = sitting();
  acts.change({ draft: 1, guessing: true, hinted: true });
  acts.submit(1);
  assert.deepEqual(
    log.map(([what, name]) => (what === "set" ? name : what)),
    ["journal", "answers", "save", "send"],
  );
  const [sent] = log.at(-1)[1].attempts;
  assert.deepEqual(sent, kept.entries()[0]);
  const { item, run, response, guessed, hints, number } = sent;
  assert.deepEqual([item, run, response, guessed, hints, number], ["choice", "r1", 1, true, 1, 1]);
  post.hangUp();
});

test("an answer is kept where Python is gone and the model throws", () => {
  const { acts, model: made, kept, post } = sitting();
  made.save_changes = () => {
    throw new Error("no kernel");
  };
  assert.throws(() => acts.submit(1));
  assert.equal(kept.entries().length, 1);
  post.hangUp();
});

test("what only the journal knows after a crash is answered, and the quiz goes on behind it", () => {
  const page = storage();
  const before = sitting({}, page);
  before.acts.submit(1);
  const after = sitting({}, page);
  for (let n = 0; n < 2; n++) recall(after);
  assert.equal(after.model.get("answers").choice.length, 1);
  assert.equal(after.model.get("at"), 1);
  const other = sitting({ run: { run: "r2" } }, page);
  recall(other);
  assert.deepEqual(other.model.get("answers"), {});
  before.post.hangUp();
});

test("in an exam an answer is kept when it is left, and only when it was changed", () => {
  const { acts, model: made, kept, post } = sitting({ exam: true });
  acts.change({ draft: 0 });
  acts.submit(0);
  assert.deepEqual([made.get("at"), kept.entries().length], [1, 1]);
  acts.back();
  acts.submit(0);
  assert.equal(kept.entries().length, 1, "the same answer is no new one");
  acts.back();
  acts.change({ draft: 2 });
  acts.end();
  assert.equal(made.get("at"), ITEMS.length);
  assert.deepEqual(
    kept.entries().map(({ response, number }) => [response, number]),
    [
      [0, 1],
      [2, 2],
    ],
  );
  acts.handIn();
  const { do: what, attempts } = made.log.at(-1)[1];
  assert.equal(what, "hand in");
  assert.deepEqual(
    attempts.map(({ item, response, run, role }) => [item, response, run, role]),
    [["choice", 2, "r1", "exam"]],
  );
  assert.equal(attempts[0].id, kept.entries().findLast(({ role }) => role === "draft").id);
  assert.ok(Date.parse(attempts[0].handed) >= Date.parse(attempts[0].at));
  const inJournal = kept.entries().filter(({ role }) => role === "exam");
  assert.deepEqual(inJournal, attempts, "it is in the journal, too");
  recall({ model: made, kept });
  assert.equal(made.get("answers").choice.length, 2, "and is no answer of its own");
  post.hangUp();
});

test("in an exam a guess that is owned up to later is kept, whichever way one leaves", () => {
  for (const way of ["back", "end"]) {
    const { acts, model: made, kept, post } = sitting({ exam: true });
    acts.submit(0);
    made.set("at", 0);
    acts.change({ guessing: true });
    acts[way]();
    const said = kept.entries().map(({ response, guessed }) => [response, guessed]);
    assert.deepEqual(said, [
      [0, false],
      [0, true],
    ]);
    post.hangUp();
  }
});

test("in an exam what was emptied shows the answer that is kept", () => {
  const { acts, model: made, memory, kept, post } = sitting({ exam: true, at: 2 });
  acts.submit(551);
  made.set("at", 2);
  acts.change({ draft: null });
  acts.submit(null);
  assert.equal(withDraft(present({ model: made }), memory, 2).draft, 551);
  assert.equal(kept.entries().length, 1);
  post.hangUp();
});

test("an answer is marked with its run, the seed and the question", () => {
  const { acts, kept, post } = sitting({ exam: true });
  acts.submit(1);
  acts.handIn();
  const marked = kept.entries().map(({ run, seed, mark }) => [run, seed, mark]);
  assert.deepEqual(marked, Array(2).fill(["r1", 0, "m"]));
  post.hangUp();
});

test("a question may be called like what every object has", () => {
  const { acts, model: made, post } = sitting();
  made.set("page", { items: [{ ...CHOICE, id: "constructor" }] });
  acts.submit(1);
  assert.equal(made.get("answers").constructor.length, 1);
  assert.equal(present({ model: made }).standings[0].right, true);
  post.hangUp();
});

test("in an exam what is changed is kept when another question is chosen in the strip", () => {
  const { acts, model: made, kept, post } = sitting({ exam: true });
  acts.change({ draft: 2 });
  acts.go(2);
  assert.deepEqual([made.get("at"), kept.entries()[0].response], [2, 2]);
  post.hangUp();
});

test("a draft is kept by the page until it is an answer", () => {
  const { acts, model: made, memory, post } = sitting();
  acts.change({ draft: 2 });
  const now = () => withDraft(present({ model: made }), memory, 0);
  assert.equal(now().draft, 2);
  acts.submit(2);
  assert.deepEqual([now().draft, now().failed, now().locked], [2, true, false]);
  acts.submit(1);
  assert.deepEqual([now().failed, now().locked], [false, true]);
  post.hangUp();
});

test("starting again waits for new questions, but not for ever", () => {
  const { acts, model: made, memory, post } = sitting();
  acts.submit(1);
  acts.again();
  assert.equal(made.log.at(-1)[1].do, "again");
  assert.notDeepEqual(made.get("answers"), {});
  memory.alive = false;
  acts.again();
  assert.deepEqual([made.get("answers"), made.get("at")], [{}, 0]);
  assert.notEqual(made.get("run").run, "r1");
  post.hangUp();
});

test("an exam's summary knows the notebooks of lessons, as that of any quiz", () => {
  const lessons = { en: { 1: "01-first.ipynb" } };
  const page = { items: [], objectives: {}, misconceptions: {}, lessons };
  for (const exam of [true, false]) {
    const model = new Model({ page, exam, result: {}, answers: {}, at: 0 });
    assert.deepEqual(present({ model }).known.lessons, lessons);
  }
});
