import { h, set } from "../shared/base.js";
import { again, go, isOpen, limit, next, score } from "./steps.js";

/* The bars above the ladder. */

/** The controls of a player: their element, how to show a state, how to focus them. */
export function bar(model, t) {
  const button = (key, act, kind) =>
    h("button", { class: kind, on: { click: act } }, t(`player.${key}`));
  const moves = {
    first: button("first", () => go(model, 0)),
    back: button("back", () => go(model, model.get("step") - 1)),
    next: button("next", () => next(model), "main"),
    last: button("last", () => go(model, Number.POSITIVE_INFINITY)),
    play: button("play", () => set(model, { playing: !model.get("playing") })),
    again: button("again", () => again(model)),
  };
  const slider = h("input", {
    type: "range",
    min: 0,
    max: model.get("_turns").length,
    "aria-label": t("player.step"),
    on: { input: (event) => go(model, event.target.valueAsNumber) },
  });
  const predict = h("input", {
    type: "checkbox",
    on: { change: (event) => set(model, { predict: event.target.checked, playing: false }) },
  });
  const position = h("span", { class: "soft" });
  const highlight = highlighter(model);
  const node = h("div", {}, [
    h(
      "div",
      { class: "bar", role: "group", "aria-label": t("player.controls") },
      Object.values(moves),
    ),
    h("div", { class: "bar" }, [
      slider,
      position,
      h("label", {}, predict, t("player.predict")),
      h("label", {}, t("player.highlight"), highlight),
    ]),
  ]);
  return {
    node,
    focus: () => moves.next.focus({ preventScroll: true }),
    show: (now) => showBar(now, t, { ...moves, slider, predict, position, highlight }),
  };
}

function highlighter(model) {
  const change = (event) => set(model, { highlight: Number(event.target.value) });
  return h("select", { on: { change } });
}

/** Offer the codes seen so far: the others may still be to predict. */
function showHighlighter(select, now, t) {
  const seen = now.turns.slice(0, now.step).map(({ code }) => code);
  const codes = [...new Set([...seen, now.highlight])].filter(Boolean).sort();
  if (select.options.length !== codes.length + 1) {
    const option = (code) => h("option", { value: code }, code || t("player.highlight_none"));
    select.replaceChildren(...[0, ...codes].map(option));
  }
  select.value = now.highlight;
}

function showBar(now, t, parts) {
  const last = now.turns.length;
  // Not `disabled`: a button that loses its focus hands the next keys to JupyterLab.
  const off = (part, isOff) => part.setAttribute("aria-disabled", isOff);
  off(parts.first, now.step === 0);
  off(parts.back, now.step === 0);
  off(parts.next, now.step === last);
  off(parts.last, now.step >= limit(now));
  parts.play.textContent = t(now.playing ? "player.pause" : "player.play");
  const { right, made } = score(now);
  const position = t("player.position", { step: now.step, last });
  const open = isOpen(now, now.step + 1);
  parts.next.textContent = t(open ? "player.skip" : "player.next");
  parts.next.classList.toggle("main", !open);
  parts.again.hidden = !now.predict || Object.keys(now.guesses).length === 0;
  const scored = made > 0 && now.predict;
  parts.position.textContent = scored
    ? `${position} · ${t("player.score", { right, made })}`
    : position;
  parts.slider.value = now.step;
  parts.slider.setAttribute("aria-valuetext", position);
  parts.predict.checked = now.predict;
  showHighlighter(parts.highlight, now, t);
}
