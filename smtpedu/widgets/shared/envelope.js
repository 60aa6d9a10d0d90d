import { h, literal, prose } from "./base.js";
import { chip, decoder, verbName } from "./parts.js";

/* What stands beside a dialogue: the reply decoded, who is responsible, and the envelope. */

/** The current turn: what a command does, or what a reply says here. */
export function replyPanel(turn, t, texts, begin = "player.begin") {
  if (!turn) return [h("h4", {}, t("player.reply")), h("p", {}, t(begin))];
  const key = turn.code ? "player.reply" : "player.command";
  const title = h("h4", {}, t(key), " · ", verbName(turn.verb, t));
  if (!turn.code) return [title, h("p", {}, prose(t(`does.${turn.verb}`, {}, "does.other")))];
  const { enhanced = "" } = turn;
  const bare = texts.bare[enhanced]; // its name in the registry would say nothing
  const registered = texts.enhanced[`X${enhanced.slice(1)}`] ?? "";
  const lang = bare ? undefined : "en";
  const named = [literal(enhanced), " ", h("bdi", { lang, class: "s-soft" }, bare ?? registered)];
  const after = (said) => h("p", { class: "s-after", hidden: !said }, said);
  return [
    title,
    decoder(turn.code, t),
    after(enhanced && named),
    after(prose(texts.means[turn.means])),
  ];
}

/** Where the session stands, and what the client may send now. */
export function stands(turn, t) {
  const verbs = (turn?.legal ?? []).flatMap((verb, n) => [n ? " · " : "", verbName(verb, t)]);
  const place = t("player.stands", { state: t(`state.${turn?.state ?? "connecting"}`) });
  return [place, verbs.length ? [" ", t("player.legal"), " ", verbs] : ""].flat(2);
}

const caption = (...said) => h("p", { class: "s-caption" }, said);

function named(list, word, t) {
  const row = ({ path, code, forward }) => {
    const known = forward && caption(t(word), " ", literal(`<${forward}>`));
    return h("li", {}, chip(code), h("div", {}, literal(`<${path}>`), known));
  };
  const tabindex = list.length > 4 ? 0 : undefined; // it may scroll
  return h("ul", { class: "s-names", tabindex }, list.map(row));
}

function written({ reverse, accepted }, done, t) {
  if (reverse === null) return [caption(t("responsible.nobody"))];
  const from = caption(t("player.reverse_path"), " ", literal(`<${reverse}>`));
  if (!accepted.length) return [from, caption(t("player.nobody"))];
  const outcome = { taken: "player.taken", refused: "player.undone" }[done];
  return [from, named(accepted, "player.forwards", t), outcome ? caption(t(outcome)) : ""];
}

/** Who is responsible for the message, and the envelope after the current turn: its element, and
    how to `show` it, so that the letter moves when responsibility does. */
export function envelope(t) {
  const letter = h("i", {}, h("b", { class: "s-letter" }));
  const end = (who) => h("span", { class: `s-${who}` }, t(`player.${who}`));
  const rail = h("div", { class: "s-rail", role: "img" }, end("client"), letter, end("server"));
  const title = h("h4");
  const paper = h("div", { class: "s-envelope" });
  const outside = h("div", { class: "s-outside" });
  const heading = h("h4", {}, t("player.responsible"));
  const node = h("section", {}, heading, rail, title, paper, outside);
  const show = ({ turns, envelopes, step }) => {
    const turn = turns[step - 1];
    const { reverse = null, recipients = [] } = turn ? envelopes[turn.envelope ?? 0] : {};
    const decided = recipients.slice(0, turn?.decided ?? 0);
    const isAccepted = ({ code }) => String(code)[0] === "2";
    const accepted = decided.filter(isAccepted);
    const refused = decided.filter((one) => !isAccepted(one));
    const [who, done] = [turn?.responsible || "client", turn?.done ?? ""];
    rail.setAttribute("aria-label", `${t("player.responsible")}: ${t(`responsible.${who}`)}`);
    rail.dataset.who = who;
    title.textContent = t(`envelope.${done || "open"}`);
    paper.dataset.is = reverse === null ? "none" : done;
    paper.replaceChildren(...written({ reverse, accepted }, done, t));
    outside.hidden = !refused.length;
    outside.replaceChildren(caption(t("player.stays")), named(refused, "player.suggests", t));
  };
  return { node, show };
}
