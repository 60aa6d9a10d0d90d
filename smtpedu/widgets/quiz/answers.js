import { h, prose } from "../shared/base.js";
import { excerpt } from "./excerpt.js";
import { ordering } from "./ordering.js";
import { tick } from "./tick.js";

/* The form controls of a question, by its kind. Each is made of
   - `item`, as the page has it; `now`, how it stands (`attempts.standing`) and the `draft`;
   - `tools`: t, `change(draft)`, `announce(text)`, a `name` unique to this form;
   and gives its `node` and `value()`, the response, null as long as there is none. */

const CONTROLS = {
  choices: checkboxes,
  number: numberBox,
  point: pointer,
  order: ordering,
  classify: sorter,
};

export function answerControl(item, now, tools) {
  return (CONTROLS[item.kind] ?? radios)(item, now, tools);
}

/** What can be said of one option: right, wrong, or null, which is nothing yet. */
function judgement(now, isSolution, isGiven) {
  if (now.done && isSolution) return true;
  return isGiven && (now.done || now.failed) ? false : null;
}

/** Where one thing is chosen: what is said of it, given at whatever try. */
function judgementOf(now, one) {
  const isGiven = now.given === one || now.earlier.some(({ response }) => response === one);
  return judgement(now, now.solution === one, isGiven);
}

function option(input, text, judged, t) {
  const state = judged === null ? "" : judged ? "is-right" : "is-wrong";
  const said = h("span", { class: "text" }, text);
  return h("label", { class: `option ${state}` }, input, said, tick(judged, t));
}

/** What is chosen at first; what was wrong cannot be chosen again. */
function chosenBefore({ draft, given, failed }) {
  return failed && draft === given ? null : draft;
}

function radios(item, now, { t, change, name }) {
  let value = chosenBefore(now);
  const rows = item.options.map(({ text }, position) => {
    const judged = judgementOf(now, position);
    const pick = () => {
      value = position;
      change(value);
    };
    const input = h("input", {
      type: "radio",
      name,
      checked: value === position,
      disabled: now.locked || judged === false,
      on: { change: pick },
    });
    return option(input, prose(text), judged, t);
  });
  return { node: h("div", { class: "options" }, rows), value: () => value };
}

function checkboxes(item, now, { t, change }) {
  const ticked = new Set(now.draft ?? []);
  const value = () => (ticked.size ? [...ticked].sort((one, other) => one - other) : null);
  const rows = item.options.map(({ text }, position) => {
    const given = Boolean(now.given?.includes(position));
    const judged = now.done ? judgement(now, now.solution?.includes(position), given) : null;
    const toggle = (event) => {
      if (event.target.checked) ticked.add(position);
      else ticked.delete(position);
      change(value());
    };
    const input = h("input", {
      type: "checkbox",
      checked: ticked.has(position),
      disabled: now.locked,
      on: { change: toggle },
    });
    return option(input, prose(text), judged, t);
  });
  const how = h("p", { class: "soft" }, t("ask.several"));
  return { node: h("div", { class: "options" }, how, rows), value };
}

/** Digits as they are typed in Arabic are digits, too. */
export function digitsOf(text) {
  const plain = text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) % 16);
  return /^\d{1,6}$/.test(plain.trim()) ? Number(plain) : null;
}

// A code is not a quantity: no type="number", whose value a turn of the wheel would change.
function numberBox(_, now, { t, change }) {
  const input = h("input", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    dir: "ltr",
    maxlength: 6,
    value: now.draft ?? "",
    disabled: now.locked,
    on: { input: () => change(digitsOf(input.value)) },
  });
  const judged = now.done ? now.right : now.failed ? false : null;
  const shown = now.done || now.draft === now.given ? tick(judged, t) : null;
  const node = h("label", { class: "number-box" }, t("ask.number"), input, shown);
  return { node, value: () => digitsOf(input.value) };
}

function pointer(item, now, { t, change, name }) {
  let value = chosenBefore(now);
  const ticks = {};
  const point = (number) => {
    const judged = judgementOf(now, number);
    ticks[number] = judged;
    const pick = () => {
      value = number;
      change(value);
    };
    return h("input", {
      type: "radio",
      name,
      checked: value === number,
      disabled: now.locked || judged === false,
      on: { change: pick },
    });
  };
  const list = excerpt(item, t, point);
  for (const line of list.children) {
    const judged = ticks[line.value];
    if (judged === null) continue;
    line.classList.add(judged ? "is-right" : "is-wrong");
    line.firstChild.append(tick(judged, t));
  }
  return { node: list, value: () => value };
}

function sorter(item, now, { t, change, name }) {
  const groups = item.options.map((_, position) => now.draft?.[position] ?? null);
  const things = item.options.map(({ text }, position) => {
    const right = now.solution?.[position];
    const judged = now.done ? right === now.given?.[position] : null;
    const label = `${name}-${position}`;
    const choices = item.classes.map((title, group) =>
      h("label", { class: now.done && right === group ? "is-right" : "" }, [
        h("input", {
          type: "radio",
          name: label,
          checked: groups[position] === group,
          disabled: now.locked,
          on: {
            change: () => {
              groups[position] = group;
              change([...groups]);
            },
          },
        }),
        h("span", {}, prose(title)),
        now.done && right === group && !judged ? tick(true, t) : null,
      ]),
    );
    const state = judged === null ? "" : judged ? "is-right" : "is-wrong";
    return h("div", { class: `thing ${state}`, role: "radiogroup", "aria-labelledby": label }, [
      h("p", { id: label }, h("span", {}, prose(text)), tick(judged, t)),
      h("div", { class: "classes" }, choices),
    ]);
  });
  const value = () => (groups.includes(null) ? null : [...groups]);
  return { node: h("div", { class: "things" }, things), value };
}
