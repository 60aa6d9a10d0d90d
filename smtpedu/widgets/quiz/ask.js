import { h, prose } from "../shared/base.js";
import { answerControl } from "./answers.js";
import { excerpt } from "./excerpt.js";
import { spokenVerdict, verdict } from "./verdict.js";

/* One question: what is asked, the form to answer it, the verdict.

   `now` is how it stands, with what this page remembers of it: `draft`, `guessing`, `hinted`.
   `acts` are submit(response), change(memory), next, back, skip, announce(text). */

export function question(item, now, { t, as, acts, place }) {
  const name = `answer-${Math.random()}`; // two views of a quiz are two groups of buttons
  const note = h("p", { class: "note", role: "status", "aria-live": "polite" });
  // What it asked for is being done, or something else.
  const clear = () => note.replaceChildren();
  const change = (draft) => {
    clear();
    acts.change({ draft });
  };
  const control = answerControl(item, now, { t, name, announce: acts.announce, change });
  const judged = verdict(item, now, t, as);
  const submit = (event) => {
    event.preventDefault();
    if (now.locked) return acts.next();
    const response = control.value();
    const isMissing = response === null && !now.exam;
    const isSame = now.failed && JSON.stringify(response) === JSON.stringify(now.given);
    if (isMissing) note.textContent = t(MISSING[item.kind] ?? "ask.choose");
    else if (isSame) note.textContent = t("ask.same");
    else acts.submit(response);
  };
  const asks = asked(item, control, t, as);
  const under = controls(item, now, { t, as, acts, place });
  const on = { submit, click: clear };
  const node = h("form", { class: `question ${item.kind}`, novalidate: true, on }, [
    asks,
    under.hint,
    judged,
    note,
    under.bar,
  ]);
  return {
    node,
    spoken: () => spokenVerdict(judged),
    focus: (wanted) => focusOn({ asks, main: under.main, control: control.node }, wanted),
  };
}

function asked(item, control, t, as) {
  const isLed = item.kind !== "point" && (item.lines.length > 0 || item.kind === "predict");
  const parts = [h("legend", {}, prose(item.stem)), isLed && excerpt(item, t), control.node];
  return h("fieldset", { ...as, tabindex: -1 }, parts);
}

const MISSING = {
  choices: "ask.choose_some",
  number: "ask.type_number",
  order: "ask.move_first",
  point: "ask.choose_line",
  classify: "ask.classify_all",
};

function focusOn({ asks, main, control }, wanted) {
  const near = control.querySelector(".line.is-wrong + .line input:enabled");
  const first = control.querySelector("input:checked:enabled, input:enabled, button");
  const target = { question: asks, next: main, again: near ?? first ?? main }[wanted];
  target?.focus();
}

/* ---- what stands under the answers ---- */

function controls(item, now, { t, as, acts, place }) {
  const button = (key, act, kind) => h("button", { class: kind, on: { click: act } }, t(key));
  const hint = h("div", { class: "hint", role: "status", "aria-live": "polite" });
  const ask = button("ask.hint", () => {
    showHint(hint, item.hint, t, as);
    ask.setAttribute("aria-expanded", "true");
    acts.change({ hinted: true });
  });
  ask.setAttribute("aria-expanded", Boolean(now.hinted));
  if (now.hinted && !now.done) showHint(hint, item.hint, t, as);
  const main = h("button", { type: "submit", class: "main" }, t(mainKey(now, place)));
  const bar = h("div", { class: "bar actions" }, [
    main,
    !now.locked && item.hint ? ask : null,
    now.locked ? null : guess(now, acts, t),
    h("span", { class: "moves" }, [
      place.isFirst ? null : button("ask.back", acts.back, "quiet"),
      now.locked || now.exam ? null : button("ask.skip", acts.skip, "quiet"),
      place.canEnd
        ? button(now.exam ? "ask.to_hand_in" : "ask.to_summary", acts.end, "quiet")
        : null,
    ]),
  ]);
  return { hint, bar, main };
}

function mainKey(now, { isLast }) {
  if (!now.locked && !now.exam) return now.failed ? "ask.check_again" : "ask.check";
  if (!isLast) return "ask.next";
  return now.exam ? "ask.to_hand_in" : "ask.to_summary";
}

function guess(now, acts, t) {
  const change = (event) => acts.change({ guessing: event.target.checked });
  const box = h("input", { type: "checkbox", checked: now.guessing, on: { change } });
  return h("label", { class: "guess" }, box, t("ask.guess"));
}

function showHint(place, hint, t, as) {
  place.replaceChildren(
    h("p", {}, h("strong", {}, `${t("ask.hint_title")}:`), " ", h("span", as, prose(hint))),
  );
}
