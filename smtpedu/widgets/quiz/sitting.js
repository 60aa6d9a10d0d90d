import { set } from "../shared/base.js";
import { attempt, freshId, nextOpen, standing } from "./attempts.js";

/* One sitting at a quiz: how it stands, and what the learner can do. Nothing here draws.

   A `sitting` is { model, memory, post }: what Python and all views share, what this view remembers
   (`drafts`, `wanted` focus …), and the way to the journal and to Python. */

/** The quiz as it stands: what Python sent, and what was answered. */
export function present({ model }) {
  const page = model.get("page");
  const exam = model.get("exam");
  const result = model.get("result");
  const verdicts = result.items ?? {};
  const items = page.items.map((item) => ({ ...item, ...verdicts[item.id] }));
  const answers = model.get("answers");
  const standings = items.map((item) =>
    standing(item, own(answers, item.id), { exam, verdict: own(verdicts, item.id) }),
  );
  const known = exam ? { objectives: {}, misconceptions: {}, ...result } : page;
  const at = Math.max(0, Math.min(items.length, model.get("at")));
  const done = standings.filter((one) => (exam ? one.tries > 0 : one.done)).length;
  return { items, standings, done, known, exam, at, isOver: !exam || Boolean(result.items) };
}

/** What is kept under an id, which may be a word that every object knows ("constructor"). */
function own(kept, id) {
  return Object.hasOwn(kept, id) ? kept[id] : undefined;
}

/** What each attempt is marked with; the seed is that of the questions that are shown. */
function belonging({ model, post }) {
  const run = model.get("run");
  return { ...run, seed: model.get("page").seed ?? run.seed, store: post.owner() };
}

/** A question's standing, with what this page remembers of it. */
export function withDraft({ items, standings, exam, isOver }, memory, n) {
  const now = standings[n];
  const kept = memory.drafts[items[n].id] ?? {};
  const draft = kept.draft === undefined || now.done ? now.given : kept.draft;
  const guessing = kept.guessing ?? (exam && now.guessed);
  const failed = !exam && now.tries > 0 && !now.done;
  const hinted = Boolean(kept.hinted);
  return { ...now, draft, guessing, hinted, failed, locked: now.done, exam: exam && !isOver };
}

/** What is in the journal of this run but, after a crash, not in the model: it was answered.
    Tells whether there is such an answer. */
export function recall({ model }, entries) {
  const { run } = model.get("run");
  let answers = model.get("answers");
  const known = new Set(Object.values(answers).flatMap((all) => all.map(({ id }) => id)));
  const isMissing = (entry) => entry.run === run && entry.role !== "exam" && !known.has(entry.id);
  const missing = entries.filter(isMissing);
  if (!missing.length) return false;
  for (const entry of missing)
    answers = { ...answers, [entry.item]: [...(own(answers, entry.item) ?? []), slim(entry)] };
  set(model, { answers });
  const { standings, at } = present({ model });
  if (standings[at]?.done) set(model, { at: nextOpen(standings) });
  return true;
}

function slim({ id, number, response, guessed, hints, at }) {
  return { id, number, response, guessed, hints, at };
}

/** What the learner can do; `t` is for what is said meanwhile. */
export function actions(sitting, t) {
  const { memory } = sitting;
  const announce = (text) => memory.announce(text);
  const place = () => present(sitting).at;
  const items = () => sitting.model.get("page").items;
  const leaveFor = (at) => {
    leaveDraft(sitting);
    go(sitting, at);
  };
  return {
    announce,
    go: leaveFor,
    next: () => go(sitting, place() + 1),
    skip: () => go(sitting, place() + 1),
    goOn: () => go(sitting, nextOpen(present(sitting).standings)),
    back: () => leaveFor(place() - 1),
    end: () => leaveFor(items().length),
    submit: (response) => submit(sitting, response),
    change: (what) => {
      const { id } = items()[place()];
      memory.drafts[id] = { ...memory.drafts[id], ...what };
    },
    again: () => {
      announce(t("ask.starting"));
      startAgain(sitting);
    },
    handIn: () => handOver(sitting),
  };
}

function go({ model, memory }, at) {
  memory.wanted = "question";
  set(model, { at });
}

function submit(sitting, response) {
  const now = present(sitting);
  if (now.isOver) {
    sitting.memory.wanted = "verdict";
    keep(sitting, now.items[now.at], response);
  } else {
    leave(sitting, response);
    go(sitting, now.at + 1);
  }
}

/** Keep an answer: in the browser before anything else, for what follows may fail. */
function keep(sitting, item, response) {
  const { model, memory, post } = sitting;
  const answers = model.get("answers");
  const earlier = own(answers, item.id) ?? [];
  const { guessing: guessed = false, hinted = false } = memory.drafts[item.id] ?? {};
  const given = { response, guessed, hints: hinted ? 1 : 0 };
  const one = attempt(belonging(sitting), item, earlier, given);
  post.keep(one);
  memory.drafts[item.id] = { hinted };
  memory.resumed = false;
  set(model, { answers: { ...answers, [item.id]: [...earlier, slim(one)] } });
  post.deliver();
}

/** In an exam what was changed is kept when the question is left. */
function leave(sitting, response) {
  const { items, standings, at, isOver } = present(sitting);
  const item = items[at];
  if (isOver || !item) return;
  const { given, guessed } = standings[at];
  const drafts = sitting.memory.drafts;
  // An answer cannot be taken back: what is kept is what is seen when one comes here again.
  if (response === null && given !== null) delete drafts[item.id]?.draft;
  if (response === null) return;
  const { guessing = guessed } = drafts[item.id] ?? {};
  if (JSON.stringify(given) === JSON.stringify(response) && guessed === guessing) return;
  drafts[item.id] = { ...drafts[item.id], guessing };
  keep(sitting, item, response);
}

function leaveDraft(sitting) {
  const quiz = present(sitting);
  if (quiz.at >= quiz.items.length) return;
  const { draft } = withDraft(quiz, sitting.memory, quiz.at); // or what was given: a guess, now
  const isHalf = Array.isArray(draft) && draft.includes(null); // things without a class
  if (!isHalf) leave(sitting, draft);
}

/** Python chooses new questions. Where it is silent, the same ones are asked once more. */
function startAgain({ model, memory, post }) {
  if (memory.starting && !memory.alive) {
    Object.assign(memory, { starting: false, resumed: false, drafts: {}, wanted: "question" });
    set(model, { answers: {}, at: 0, result: {}, run: { ...model.get("run"), run: freshId() } });
  } else {
    memory.starting = true;
    post.ask({ do: "again", run: model.get("run").run });
  }
}

/** The last draft of each answer is handed in; like any other it is in the journal first. */
function handOver(sitting) {
  const { model, memory, post } = sitting;
  const run = belonging(sitting);
  const answers = model.get("answers");
  const handed = new Date().toISOString();
  const asExam = (one) => ({ ...one, key: `${one.id} exam`, role: "exam", handed });
  const last = ({ id: item, mark }) =>
    (own(answers, item) ?? []).slice(-1).map((one) => asExam({ ...one, ...run, item, mark }));
  const attempts = model.get("page").items.flatMap(last);
  for (const one of attempts) post.keep(one);
  memory.handing = true;
  memory.notify();
  post.ask({ do: "hand in", run: run.run, attempts });
}
