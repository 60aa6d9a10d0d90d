import { digits, fill, frame, h, listen, prose, set, wire } from "../shared/base.js";
import { sources } from "../shared/card.js";
import { digitTexts } from "../shared/digits.js";
import { ask, state, watch } from "./decision.js";

/* ---- the questions ---- */

function questionSet(model, [question, offered], number, t) {
  const name = `${question}-${Math.random()}`; // two views are two groups of buttons
  const choose = (answer) =>
    set(model, { answers: { ...model.get("answers"), [question]: answer } });
  const radio = ([answer]) =>
    h("label", {}, [
      h("input", { type: "radio", name, value: answer, on: { change: () => choose(answer) } }),
      t(`decision.${question}-${answer}`),
    ]);
  const note = h("span", { class: "note" });
  const legend = h("legend", {}, `${number}. `, t(`decision.${question}`), " ", note);
  const node = h("fieldset", {}, legend, offered.map(radio));
  const show = (now) => {
    const matters = now.open.includes(question);
    node.disabled = !matters;
    note.textContent = matters ? "" : t(now.leaf ? "policy.not_needed" : "policy.not_yet");
    for (const input of node.querySelectorAll("input"))
      input.checked = matters && now.answers[question] === input.value;
  };
  return { node, show };
}

function questionnaire(model, t) {
  const sets = model.get("_tree").map((entry, n) => questionSet(model, entry, n + 1, t));
  const again = h(
    "button",
    { on: { click: () => set(model, { answers: {} }) } },
    t("policy.again"),
  );
  const list = sets.map(({ node }) => node);
  const node = h("div", { role: "group", "aria-label": t("policy.questions") }, list, again);
  const show = (now) => {
    const focused = document.activeElement;
    for (const one of sets) one.show(now);
    // Another view may switch off what has the focus here; the keyboard must not fall out.
    if (!node.contains(focused) || !focused.matches(":disabled")) return;
    const last = list[now.open.length - 1];
    (last.querySelector(":checked") ?? last.querySelector("input")).focus();
  };
  return { node, show };
}

/* ---- the reply ---- */

function replyPart(leaf, t, texts) {
  if (!leaf) return [h("p", { class: "soft" }, t("policy.open"))];
  const part = (key, ...content) => [h("h4", {}, t(key)), h("div", {}, content)];
  const { title, means, enhanced } = texts[leaf.name];
  return [
    h("p", { class: "said" }, digits(leaf.code), " ", h("strong", {}, title)),
    h("p", { class: "line" }, wire(leaf.line)),
    h(
      "ol",
      { class: "digits" },
      digitTexts(leaf.code, t).map((text, n) =>
        h("li", {}, digits(leaf.code, [n]), h("span", {}, text)),
      ),
      h("li", {}, wire(leaf.enhanced), h("span", {}, h("bdi", { lang: "en" }, enhanced))),
    ),
    leaf.odd && h("p", { class: "soft" }, prose(t("policy.odd", leaf))),
    part("policy.means", prose(means)),
    part("policy.next", prose(t(`next.${leaf.name}`))),
    part("policy.because", sources([leaf.source])),
    leaf.mailbox && part("policy.written", wire(`"${leaf.mailbox}": "${leaf.written}"`)),
  ]
    .flat(2)
    .filter(Boolean);
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
  return said.split("`").map((part, n) => (n % 2 ? wire(fill(part, values)) : part));
}

function dialogue(lines, t) {
  const item = ([from, verb, line]) =>
    h("li", { class: `${from} ${verb === "RCPT" ? "asked" : ""}` }, [
      h("span", { class: "aloud" }, `${t(WHO[from])}: `),
      h("bdi", { dir: "ltr" }, [
        h("span", { class: "who", "aria-hidden": "true" }, from === "client" ? "C: " : "S: "),
        h("code", {}, line),
      ]),
    ]);
  return [
    h("h4", {}, t("policy.dialogue")),
    h("ol", { class: "dialogue", "aria-label": t("policy.dialogue") }, lines.map(item)),
  ];
}

function replyPanel(model, t, texts) {
  const reply = h("div");
  const click = () => {
    const { leaf } = state(model);
    if (leaf) ask(model, leaf);
  };
  const button = h("button", { class: "main", on: { click } }, t("policy.ask"));
  const answer = h("div");
  const title = h("h4", {}, prose(t("policy.reply")));
  const node = h("section", { class: "card" }, title, reply, button, answer);
  let drawn;
  const show = (now) => {
    if (drawn !== now.leaf) reply.replaceChildren(...replyPart(now.leaf, t, texts));
    drawn = now.leaf;
    button.hidden = !now.leaf;
    button.setAttribute("aria-disabled", Boolean(now.asking) || !now.leaf?.mailbox);
    const said = verdict(now, t);
    const result = now.leaf && !now.asking ? now.tried[now.leaf.name] : undefined;
    answer.replaceChildren(
      ...(said[0] ? [h("p", { class: `verdict ${tone(result)}` }, sentence(said))] : []),
      ...(result?.lines ? dialogue(result.lines, t) : []),
    );
  };
  return { node, show };
}

function tone(result) {
  if (!result) return "";
  return result.agrees ? "right" : "wrong";
}

/* ---- the tree ---- */

function leafItem(model, leaf, t, texts) {
  const choose = () => set(model, { answers: leaf.answers });
  const button = h(
    "button",
    { class: "leaf", on: { click: choose } },
    h("bdi", { dir: "ltr" }, digits(leaf.code), " ", h("code", {}, leaf.enhanced)),
    h("span", { class: "aloud" }, ` ${texts[leaf.name].title}`),
  );
  const asker = h(
    "button",
    { on: { click: () => ask(model, leaf) } },
    t("policy.ask_leaf"),
    h("span", { class: "aloud" }, ` ${leaf.line}`),
  );
  const mark = h("span", { class: "mark" });
  const node = h("span", { class: "end" }, button, asker, mark);
  const show = (now) => {
    const here = now.leaf === leaf;
    node.classList.toggle("current", here);
    if (here) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    asker.setAttribute("aria-disabled", Boolean(now.asking) || !leaf.mailbox);
    const result = now.tried[leaf.name];
    mark.className = `mark ${tone(result)}`;
    mark.textContent = result?.said ? t("policy.said", { code: result.said.slice(0, 3) }) : "";
  };
  return { node, show };
}

function picture(model, t, texts) {
  const tree = new Map(model.get("_tree"));
  const leaves = new Map(model.get("_leaves").map((leaf) => [leaf.words, leaf]));
  const shows = [];
  const branch = (question) => {
    // Short branches first: the picture reads from the quick replies to the long way.
    const offered = [...tree.get(question)].sort((a, b) => tree.has(a[1]) - tree.has(b[1]));
    const item = ([answer, to]) => {
      const node = h("li", {}, h("span", {}, t(`decision.${question}-${answer}`)));
      shows.push(({ open, answers }) =>
        node.classList.toggle("taken", open.includes(question) && answers[question] === answer),
      );
      if (tree.has(to)) node.append(h("div", {}, t(`decision.${to}`)), branch(to));
      else {
        const leaf = leafItem(model, leaves.get(to), t, texts);
        shows.push(leaf.show);
        node.append(leaf.node);
      }
      return node;
    };
    return h("ul", {}, offered.map(item));
  };
  const [first] = tree.keys();
  const node = h("section", { class: "tree" }, [
    h("h4", {}, t("policy.tree")),
    h("div", {}, t(`decision.${first}`)),
    branch(first),
    h("p", { class: "soft" }, prose(t("policy.others"))),
  ]);
  return { node, show: (now) => shows.forEach((show) => void show(now)) };
}

/* ---- all of it ---- */

function draw(model, root, t, language) {
  const texts = model.get("_texts")[language];
  const parts = [questionnaire, replyPanel, picture].map((make) => make(model, t, texts));
  const [questions, reply, tree] = parts.map(({ node }) => node);
  const status = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  root.append(
    h("h3", {}, t("policy.title")),
    h("p", {}, prose(t("policy.intro"))),
    h("div", { class: "columns" }, questions, reply),
    tree,
    status,
  );
  const show = () => {
    const now = state(model);
    for (const part of parts) part.show(now);
    const { line, name } = now.leaf ?? {};
    const said = line ? `${line}. ${texts[name].means} ${fill(...verdict(now, t))}` : "";
    status.textContent = said.replaceAll("`", "");
  };
  show();
  return listen(model, ["answers", "asking", "tried"], show);
}

export default {
  // Waiting belongs to the model: two views of an explorer ask once.
  initialize: ({ model }) => watch(model),
  render: (context) =>
    frame(context, "policy", (root, t, language) => draw(context.model, root, t, language)),
};
