import { fill, frame, h, head, listen, literal, prose, set } from "../shared/base.js";
import { links } from "../shared/card.js";
import { chip, decoder, fourfold, tone, unknown } from "../shared/parts.js";
import { ask, standing, watch } from "./decision.js";

/* ---- the railway: a gate for each question, an exit where an answer ends the way ---- */

/** The end of a way, to be pressed; its reply stays hidden until it has been there. */
function end(model, leaf, label, t) {
  const reply = h("span", { class: "policy-code" });
  const said = h("span", { class: "s-caption" });
  const click = () => set(model, { answers: leaf.answers });
  const node = h("button", { class: "policy-end", on: { click } }, label, reply, said);
  const show = (now) => {
    const isHere = now.leaf === leaf;
    const result = now.tried[leaf.name];
    const isKnown = now.revealed || now.seen.has(leaf.name) || result?.said;
    node.className = `policy-end ${isKnown ? tone(leaf.code) : ""} ${isHere ? "s-on" : ""}`;
    node.setAttribute("aria-pressed", isHere);
    reply.replaceChildren(...(isKnown ? [chip(leaf.code), literal(leaf.enhanced)] : [unknown()]));
    said.textContent = result?.said ? t("policy.said", { code: result.said.slice(0, 3) }) : "";
  };
  return { node, show };
}

/** A question that one answer leads away from; the other one leads on. */
function gate(model, [question, offered], leafOf, t) {
  const answer = ([name]) => t(`decision.${question}-${name}`);
  const [out] = offered.filter(([, to]) => leafOf(to));
  const [on] = offered.filter(([, to]) => !leafOf(to));
  const label = h("span", { class: "policy-answer" }, answer(out));
  const exit = end(model, leafOf(out[1]), label, t);
  const node = h("li", { class: "policy-gate" }, [
    h("h4", {}, t(`decision.${question}`)),
    h("p", { class: "policy-on" }, answer(on)),
    h("span", { class: "s-path policy-rail" }),
    exit.node,
  ]);
  const show = (now) => {
    exit.show(now);
    const isReached = now.open.includes(question);
    node.classList.toggle("policy-passed", isReached && now.answers[question] === on[0]);
    node.classList.toggle("policy-left", isReached && now.answers[question] === out[0]);
  };
  return { node, show };
}

/** The last question has two parts, so its answers are a square. */
function terminus(model, [question, offered], leafOf, t) {
  const label = (answer) => h("span", { class: "s-aloud" }, t(`decision.${question}-${answer}`));
  const ends = offered.map(([answer, to]) => end(model, leafOf(to), label(answer), t));
  const cell = (code) => ends[offered.findIndex(([, to]) => leafOf(to).code === code)].node;
  const square = fourfold(t, cell);
  const node = h(
    "li",
    { class: "policy-terminus" },
    h("h4", {}, t(`decision.${question}`)),
    square,
  );
  const show = (now) => {
    for (const one of ends) one.show(now);
  };
  return { node, show };
}

function railway(model, t) {
  const leaves = new Map(model.get("leaves").map((leaf) => [leaf.words, leaf]));
  const leafOf = (to) => leaves.get(to);
  const stations = model
    .get("tree")
    .map((entry) =>
      (entry[1].every(([, to]) => leafOf(to)) ? terminus : gate)(model, entry, leafOf, t),
    );
  const nodes = stations.map(({ node }) => node);
  const node = h("ol", { class: "policy-railway" }, nodes);
  const show = (now) => {
    for (const station of stations) station.show(now);
  };
  return { node, show };
}

/* ---- the reply ---- */

function replyPart(leaf, t, texts) {
  if (!leaf) return [h("p", { class: "s-soft" }, t("policy.open"))];
  const { title, means, enhanced } = texts[leaf.name];
  const part = (key, ...content) => h("section", {}, h("h4", {}, t(key)), h("div", {}, content));
  return [
    h("div", {}, [
      h("h3", {}, title),
      h("p", { class: "policy-line" }, literal(leaf.line)),
      decoder(leaf.code, t),
      h("p", {}, literal(leaf.enhanced), " ", h("bdi", { lang: "en" }, enhanced)),
      leaf.odd && h("p", { class: "s-caption" }, prose(t("policy.odd", leaf))),
    ]),
    h("div", {}, [
      part("policy.means", prose(means)),
      part("policy.next", prose(t(`next.${leaf.name}`))),
      leaf.mailbox && part("policy.written", literal(`"${leaf.mailbox}": "${leaf.written}"`)),
      links([leaf.source], t, "policy.because"),
    ]),
  ];
}

const WHO = { client: "player.client", server: "player.server" };
const PROBLEMS = { gone: "policy.gone", unreachable: "policy.unreachable" };

/** What there is to say about asking the server: a sentence, and what fills its places. */
function verdict({ leaf, asking, tried }, t) {
  if (!leaf) return ["", {}];
  if (!leaf.mailbox) return [t("policy.no_mailbox"), { words: leaf.words }];
  if (asking === leaf.name) return [t("policy.asking"), {}];
  const result = tried[leaf.name];
  if (!result) return ["", {}];
  if (result.problem) return [t(PROBLEMS[result.problem]), {}];
  const values = { said: result.said, predicted: leaf.line };
  return [t(result.agrees ? "policy.agrees" : "policy.differs"), values];
}

/** Filled in after it is taken apart: a reply may hold backticks of its own. */
function sentence([said, values]) {
  return said.split("`").map((part, n) => (n % 2 ? literal(fill(part, values)) : part));
}

function dialogue(lines, t) {
  const item = ([from, verb, line]) =>
    h("li", { class: verb === "RCPT" && "policy-asked" }, [
      h("span", { class: "s-aloud" }, `${t(WHO[from])}: `),
      h("bdi", { dir: "ltr" }, [
        h("span", { class: "s-soft", "aria-hidden": "true" }, from === "client" ? "C: " : "S: "),
        literal(line),
      ]),
    ]);
  return [
    h("h4", {}, t("policy.dialogue")),
    h("ol", { class: "policy-dialogue", "aria-label": t("policy.dialogue") }, lines.map(item)),
  ];
}

function replyPanel(model, t, texts) {
  const reply = h("div", { class: "policy-reply" });
  const click = () => {
    const { leaf } = standing(model);
    if (leaf) ask(model, leaf);
  };
  const button = h("button", { class: "s-go", on: { click } }, t("policy.ask"));
  const said = h("p");
  const lines = h("div");
  const node = h("section", { class: "policy-card" }, [reply, button, said, lines]);
  let drawn;
  const show = (now) => {
    const { leaf } = now;
    if (drawn !== leaf) reply.replaceChildren(...replyPart(leaf, t, texts));
    drawn = leaf;
    button.setAttribute("aria-disabled", Boolean(now.asking) || !leaf?.mailbox);
    const result = leaf && !now.asking ? now.tried[leaf.name] : undefined;
    const isWell = !leaf || !!now.asking || (result ? result.agrees : !!leaf.mailbox);
    said.className = `policy-said ${isWell ? "" : "s-note"}`;
    said.replaceChildren(h("span", {}, sentence(verdict(now, t))));
    lines.replaceChildren(...(result?.lines ? dialogue(result.lines, t) : []));
  };
  return { node, show };
}

/* ---- all of it ---- */

function draw(model, root, t, texts, seen) {
  const [way, reply] = [railway(model, t), replyPanel(model, t, texts)];
  const reveal = h("input", {
    type: "checkbox",
    on: { change: () => set(model, { revealed: reveal.checked }) },
  });
  const restart = () => {
    seen.clear();
    set(model, { answers: {}, revealed: false });
    show();
  };
  const again = h("button", { class: "s-quiet", on: { click: restart } }, t("policy.again"));
  const status = h("p", { class: "s-aloud", role: "status" });
  root.append(
    head(t("policy.title"), null, h("label", {}, reveal, t("policy.show")), again),
    h("p", { class: "s-soft" }, prose(t("policy.intro"))),
    way.node,
    reply.node,
    h("p", { class: "s-caption" }, prose(t("policy.others"))),
    status,
  );
  const show = () => {
    const now = { ...standing(model), revealed: model.get("revealed"), seen };
    const { leaf } = now;
    if (leaf) seen.add(leaf.name);
    for (const part of [way, reply]) part.show(now);
    reveal.checked = now.revealed;
    const said = leaf ? `${leaf.line}. ${texts[leaf.name].means} ${fill(...verdict(now, t))}` : "";
    status.textContent = said.replaceAll("`", "");
  };
  show();
  return listen(model, ["answers", "asking", "tried", "revealed"], show);
}

export async function state(data) {
  return { answers: {}, asking: "", tried: {}, revealed: false, ...data };
}

export default {
  // Waiting belongs to the model: two views of an explorer ask once.
  initialize: ({ model }) => watch(model),
  render(context) {
    const seen = new Set(); // the replies that this view has shown
    return frame(context, "policy", (root, t, language) =>
      draw(context.model, root, t, context.model.get("texts")[language], seen),
    );
  },
};
