import * as classify from "./kind-classify.js";
import * as number from "./kind-number.js";
import * as open from "./kind-open.js";
import * as options from "./kind-options.js";
import * as order from "./kind-order.js";
import * as point from "./kind-point.js";

/* A kind is a module with `control(item, now, tools)`, where `now` is how the item stands
   (`attempts.standing`) and `tools` are t, `change(draft)`, `announce(text)`, a `name` unique to the
   form, and `as`, the language of the question. It gives its `node`, `value()`, the response or
   null, and, where it knows better than the form, `focus(wanted)`. */

const KINDS = {
  choices: [options, "ask.choose_some"],
  classify: [classify, "ask.classify_all"],
  number: [number, "ask.type_number"],
  open: [open, "ask.write_first"],
  order: [order, "ask.move_first"],
  point: [point, "ask.choose_line"],
};

/** The control of an item, and with it the key of what is said where there is no response. */
export function controlOf(item, now, tools) {
  const [kind, missing] = KINDS[item.kind] ?? [options, "ask.choose"];
  return { ...kind.control(item, now, tools), missing };
}
