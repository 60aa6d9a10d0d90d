import { h, prose } from "../shared/base.js";
import { excerpt } from "./excerpt.js";
import { control as controlOf, missing } from "./kinds.js";
import { scene } from "./scene.js";
import { spoken, verdict } from "./verdict.js";

/* One question: what is asked, the form to answer it, the verdict, the scene beside it.

   `now` is how it stands, with what this page remembers of it: `draft`, `guessing`, `hinted`.
   `acts` are submit(response), change(memory), next, back, skip, announce(text). */

export function question(item, now, { t, as, acts, place, scenes }) {
  const name = `answer-${Math.random()}`; // two views of a quiz are two groups of buttons
  const note = h("p", { class: "quiz-note", role: "status", "aria-live": "polite" });
  // What it asked for is being done, or something else.
  const clear = () => note.replaceChildren();
  const change = (draft) => {
    clear();
    acts.change({ draft });
  };
  const control = controlOf(item, now, { t, as, name, announce: acts.announce, change });
  const submit = (event) => {
    event.preventDefault();
    if (now.locked) return acts.next();
    const response = control.value();
    const isMissing = response === null && !now.exam;
    const isSame = now.failed && JSON.stringify(response) === JSON.stringify(now.given);
    if (isMissing) note.textContent = t(missing(item));
    else if (isSame) note.textContent = t("ask.same");
    else acts.submit(response);
  };
  const asks = asked(item, control, as, t);
  const under = controls(item, now, { t, as, acts, place });
  const on = { submit, click: clear, keydown: (event) => press(event, node, control) };
  const node = h("form", { class: `quiz-question quiz-${item.kind}`, novalidate: true, on }, [
    asks,
    under.hint,
    verdict(item, now, t, as),
    note,
    scene(now, scenes, t),
    under.bar,
  ]);
  return {
    node,
    spoken: () => spoken(item, now, t),
    focus: (wanted) => focusOn({ asks, main: under.main, control }, wanted),
  };
}

function asked(item, control, as, t) {
  const isLed = item.kind !== "point" && (item.lines.length > 0 || item.kind === "predict");
  const parts = [h("legend", as, prose(item.stem)), isLed && excerpt(item, t), control.node];
  return h("fieldset", { tabindex: -1 }, parts);
}

/** A letter chooses its option; Enter checks from wherever nothing else is pressed by it. */
function press(event, form, { node }) {
  const { key, code, target, altKey, ctrlKey, metaKey } = event;
  if (altKey || ctrlKey || metaKey || target.matches("input[type=text]")) return;
  if (key === "Enter" && target.matches("fieldset")) form.requestSubmit();
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace(/^Key/, "");
  const input = node.querySelector(`[aria-keyshortcuts="${CSS.escape(letter)}"]:enabled`);
  if (!input) return;
  input.focus();
  input.click();
}

function focusOn({ asks, main, control }, wanted) {
  if (wanted === "again" && control.focus) return control.focus(wanted);
  const first = control.node.querySelector("input:checked:enabled, input:enabled, button");
  const target = { question: asks, next: main, again: first ?? main }[wanted];
  target?.focus();
}

/* ---- what stands under the answers ---- */

function controls(item, now, { t, as, acts, place }) {
  const button = (key, act, kind) => h("button", { class: kind, on: { click: act } }, t(key));
  const hint = h("div", { class: "quiz-hint", role: "status", "aria-live": "polite" });
  const ask = button("ask.hint", () => {
    showHint(hint, item.hint, t, as);
    ask.setAttribute("aria-expanded", "true");
    acts.change({ hinted: true });
  });
  ask.setAttribute("aria-expanded", Boolean(now.hinted));
  if (now.hinted && !now.done) showHint(hint, item.hint, t, as);
  const main = h("button", { type: "submit", class: "s-go" }, t(mainKey(now, place)));
  const bar = h("div", { class: "quiz-bar" }, [
    main,
    !now.locked && item.hint ? ask : null,
    now.locked ? null : guess(now, acts, t),
    h("span", { class: "s-tools" }, [
      place.isFirst ? null : button("ask.back", acts.back, "s-quiet"),
      now.locked || now.exam ? null : button("ask.skip", acts.skip, "s-quiet"),
      place.canEnd
        ? button(now.exam ? "ask.to_hand_in" : "ask.to_summary", acts.end, "s-quiet")
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
  return h("label", {}, box, t("ask.guess"));
}

function showHint(place, hint, t, as) {
  place.replaceChildren(
    h("p", {}, h("strong", {}, `${t("ask.hint_title")}:`), " ", h("span", as, prose(hint))),
  );
}
