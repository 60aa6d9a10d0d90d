import { frame, h, head, listen, prose, set } from "../shared/base.js";
import { drawing, envelope, LAYOUTS } from "./drawing.js";

/* How a message travels: the picture, who has the message, and the words. */

const HOLDERS = ["program", "own_server", "other_server"];
const WORDS = [...HOLDERS, "relaying", "envelope", "reply", "smtp", "rfc"];
const SVG = "http://www.w3.org/2000/svg";

/** A word, and what it means: its string has both. */
export function defined(text) {
  const [word, ...means] = text.split(": ");
  return [word, means.join(": ")];
}

function drawn([tag, attributes, ...inside]) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside.map((one) => (Array.isArray(one) ? drawn(one) : one)));
  return node;
}

/** One layout of the picture: its element, and how to `show` who has the message. */
function picture(name, label, said, isRightward) {
  const { size, places, shapes } = drawing(LAYOUTS[name], said, isRightward);
  const about = { class: `overview-picture overview-${name}`, role: "img", "aria-label": label };
  const letter = ["g", { class: "overview-letter" }, ...envelope];
  const node = drawn(["svg", { ...about, viewBox: `0 0 ${size.join(" ")}` }, ...shapes, letter]);
  const show = (step) => {
    const [x, y] = places[Math.max(step, 1) - 1];
    node.dataset.step = step;
    node.lastChild.style.transform = `translate(${x}px, ${y}px)`;
  };
  return { node, show };
}

function draw(model, root, t) {
  const word = (name) => defined(t(`overview.${name}`))[0];
  const said = {
    names: HOLDERS.map(word),
    roles: ["client", "both", "server"].map((role) => t(`overview.${role}`)),
    words: ["", word("relaying")],
  };
  const sentence = t("overview.sentence");
  const label = sentence.replaceAll("`", "");
  const pictures = Object.keys(LAYOUTS).map((name) =>
    picture(name, label, said, root.dir === "ltr"),
  );
  const buttons = said.names.map((name, n) => {
    const click = () => set(model, { step: model.get("step") === n + 1 ? 0 : n + 1 });
    return h("button", { on: { click } }, `${n + 1} `, name);
  });
  const has = h("p", { class: "overview-has", role: "status" });
  const who = t("overview.who");
  const asked = h("div", { class: "s-tools overview-who", role: "group", "aria-label": who }, [
    h("h4", { class: "overview-asked" }, who),
    buttons,
  ]);
  const words = WORDS.map((name) => defined(t(`overview.${name}`)));
  const row = ([one, means]) => h("li", {}, h("strong", {}, one), h("span", {}, prose(means)));
  root.append(
    head(t("overview.title")),
    h("figure", {}, [
      pictures.map(({ node }) => node),
      h("figcaption", { class: "overview-caption" }, prose(sentence)),
    ]),
    asked,
    has,
    h("ul", { class: "overview-words" }, words.map(row)),
  );
  const show = () => {
    const step = model.get("step");
    for (const one of pictures) one.show(step);
    for (const [n, button] of buttons.entries()) {
      button.setAttribute("aria-pressed", step === n + 1);
      button.classList.toggle("s-on", step === n + 1);
    }
    const said = step ? t(`overview.has_${HOLDERS[step - 1]}`) : t("overview.press");
    has.replaceChildren(...prose(said).flat());
  };
  show();
  return listen(model, ["step"], show);
}

export default {
  remembers: ["language", "step"],
  render: (context) => frame(context, "overview", (root, t) => draw(context.model, root, t)),
};
