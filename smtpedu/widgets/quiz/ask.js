import { h, prose } from "../shared/base.js";
import { excerpt } from "./excerpt.js";
import { controlOf } from "./kinds.js";
import { scene } from "./scene.js";
import { spoken, verdict } from "./verdict.js";

/* One question: what is asked, the form to answer it, the verdict, the scene beside it.

   `now` is how it stands, with what this page remembers of it: `draft`, `guessing`, `hinted`.
   `place` says what stands before and after it; `alone`, where nothing does.
   `acts` are submit(response), change(memory), next, back, skip, announce(text). */

export function question(item, now, { t, as, acts, place, scenes }) {
  const name = `answer-${Math.random()}`; // two views of a quiz are two groups of buttons
  const live = { role: "status", "aria-live": "polite" };
  const [hint, note] = ["hint", "note"].map((one) => h("div", { class: `quiz-${one}`, ...live }));
  // What it asked for is being done, or something else.
  const clear = () => note.replaceChildren();
  const warn = (key) => note.replaceChildren(h("strong", {}, t(key)));
  const change = (draft) => {
    clear();
    acts.change({ draft });
  };
  const control = controlOf(item, now, { t, as, name, announce: acts.announce, change });
  const submit = (event) => {
    event.preventDefault();
    if (now.locked) return acts.next();
    const response = control.value();
    const isSame = now.failed && JSON.stringify(response) === JSON.stringify(now.given);
    if (response === null && !now.exam) warn(control.missing);
    else if (isSame) warn("ask.same");
    else acts.submit(response);
  };
  const isLed = item.kind !== "point" && (item.lines.length > 0 || item.kind === "predict");
  const parts = [h("legend", {}, prose(item.stem)), isLed && excerpt(item, t), control.node];
  const asks = h("fieldset", { ...as, tabindex: -1 }, parts);
  const main = h("button", { type: "submit", class: "s-go" }, t(mainKey(now, place)));
  const shown = item.without_picture ? {} : scenes;
  const picture = scene({ ...now, misconceptions: said(item, now) }, shown, t);
  const on = { submit, click: clear, keydown: (event) => press(event, node) };
  const node = h("form", { class: "quiz-question", "data-kind": item.kind, novalidate: true, on }, [
    h("div", { class: picture ? "s-two" : undefined }, [
      h("div", {}, asks, hint, verdict(item, now, t, as) ?? "", note),
      picture,
    ]),
    bar(item, now, { t, as, acts, place, hint, main }),
  ]);
  const focus = (wanted) => {
    if (place.isAlone) return asks.focus({ preventScroll: true });
    if (wanted === "again" && control.focus) return control.focus(wanted);
    const first = control.node.querySelector("input:checked:enabled, input:enabled, button");
    ({ question: asks, next: main, again: first ?? main })[wanted]?.focus();
  };
  return { node, spoken: () => spoken(node), focus };
}

/** The beliefs that the answer says; what was left out says nothing that could be drawn. */
function said({ kind, options }, { misconceptions, given }) {
  if (kind !== "choices") return misconceptions;
  const ticked = options.filter((_, position) => given?.includes(position));
  return misconceptions.filter((name) =>
    ticked.some(({ right, misconception }) => !right && misconception === name),
  );
}

/** A letter chooses its option; Enter checks, too, where the question itself has the focus. */
function press({ key, code, target, altKey, ctrlKey, metaKey }, form) {
  if (altKey || ctrlKey || metaKey || target.matches("[type=text], textarea")) return;
  if (key === "Enter" && target.matches("fieldset")) form.requestSubmit();
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace("Key", "");
  const input = form.querySelector(`[aria-keyshortcuts="${CSS.escape(letter)}"]:enabled`);
  input?.focus();
  input?.click();
}

/* ---- what stands under the answers ---- */

function bar(item, now, { t, as, acts, place, hint, main }) {
  if (place.isAlone) return now.locked ? "" : h("div", { class: "quiz-bar" }, main);
  const button = (key, act, kind) => h("button", { class: kind, on: { click: act } }, t(key));
  const show = () => {
    ask.setAttribute("aria-expanded", "true");
    const title = h("strong", {}, `${t("ask.hint_title")}:`);
    hint.replaceChildren(h("p", {}, title, " ", h("span", as, prose(item.hint))));
  };
  const ask = button("ask.hint", () => {
    show();
    acts.change({ hinted: true });
  });
  ask.setAttribute("aria-expanded", "false");
  if (now.hinted && !now.done) show();
  const end = now.exam ? "ask.to_hand_in" : "ask.to_summary";
  return h("div", { class: "quiz-bar s-head" }, [
    main,
    !now.locked && item.hint ? ask : null,
    now.locked ? null : guess(now, acts, t),
    h("span", { class: "s-tools" }, [
      place.isFirst ? null : button("ask.back", acts.back, "s-quiet"),
      now.locked || now.exam ? null : button("ask.skip", acts.next, "s-quiet"),
      place.canEnd ? button(end, acts.end, "s-quiet") : null,
    ]),
  ]);
}

function mainKey(now, { isLast, isAlone }) {
  if (isAlone) return "ask.predict";
  if (!now.locked && !now.exam) return now.failed ? "ask.check_again" : "ask.check";
  if (!isLast) return "ask.next";
  return now.exam ? "ask.to_hand_in" : "ask.to_summary";
}

function guess(now, acts, t) {
  const change = (event) => acts.change({ guessing: event.target.checked });
  const box = h("input", { type: "checkbox", checked: now.guessing, on: { change } });
  return h("label", {}, box, t("ask.guess"));
}
