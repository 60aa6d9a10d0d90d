import * as choice from "./kind-choice.js";
import * as choices from "./kind-choices.js";
import * as classify from "./kind-classify.js";
import * as number from "./kind-number.js";
import * as order from "./kind-order.js";
import * as point from "./kind-point.js";

/* How each kind of question is answered. A kind is a module with `control(item, now, tools)`, of
   - `item`, as the page has it; `now`, how it stands (`attempts.standing`) and the `draft`;
   - `tools`: t, `change(draft)`, `announce(text)`, a `name` unique to this form, and `as`, the
     language and direction of the question;
   which gives its `node` and `value()`, the response, null as long as there is none; where the
   focus goes at `focus(wanted)` is its own affair. `MISSING` is what to say where there is none. */

const KINDS = { choices, classify, number, order, point };

const MISSING = {
  choices: "ask.choose_some",
  number: "ask.type_number",
  order: "ask.move_first",
  point: "ask.choose_line",
  classify: "ask.classify_all",
};

export function control(item, now, tools) {
  return (KINDS[item.kind] ?? choice).control(item, now, tools);
}

/** The key of what is said to whoever has not answered yet. */
export function missing({ kind }) {
  return MISSING[kind] ?? "ask.choose";
}
