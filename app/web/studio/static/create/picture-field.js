/** A field that takes a picture: dropped, pasted, chosen or by its address; sent to the service at once. */

import {Away, darkroom} from "../api.js";
import {bytes, h} from "../ui.js";
import {openBrush} from "./mask-brush.js";

const TYPES = "image/png,image/jpeg,image/webp,image/gif,image/avif";
const LARGEST = 10 * 2 ** 20;
let made = 0;

/** As other fields, and `take(file)`, `clear()`, `onreplaced(f)`, `shown()`: what a brush can paint over. */
export function pictureField(spec, changed) {
  const field = new PictureField(spec, changed);
  return field.asField();
}

class PictureField {
  constructor(spec, changed) {
    this.spec = spec;
    this.changed = changed;
    this.id = `picture-${++made}`;
    this.value = undefined;
    this.picture = null;  // {url, width, height, name, bytes} as far as known
    this.listeners = [];
    this.below = null;  // for a mask: the picture that it lies over
    this.build();
    this.show();
  }

  asField() {
    const {spec, element} = this;
    return {
      name: spec.name, spec, element, isPicture: true, control: this.choose, picture: this,
      read: () => this.value,
      write: (value) => this.write([value].flat()[0]),
      complain: (words) => this.complain(words),
      take: (file) => this.take(file),
      clear: () => this.clear(),
      shown: () => this.picture,
      isEmpty: () => this.value === undefined,
      adopt: (other) => this.adopt(other.picture),
      onreplaced: (listener) => this.listeners.push(listener),
      liesOver: (below) => { this.below = below; below.onreplaced(() => this.show()); this.show(); },
    };
  }

  build() {
    const {spec, id} = this;
    this.file = h("input", {type: "file", accept: TYPES, hidden: true, "aria-hidden": "true", tabindex: "-1", onchange: () => this.take(this.file.files[0])});
    this.choose = h("button", {type: "button", id, class: "choose", "aria-describedby": `${id}-problem`, onclick: () => this.file.click()});
    this.preview = h("div", {class: "preview"});
    this.facts = h("p", {class: "facts soft", dir: "auto"});
    this.bar = h("progress", {max: "1", value: "0", hidden: true, "aria-label": `${spec.label}: sending`});
    this.buttons = h("div", {class: "buttons"});
    this.address = h("input", {type: "url", placeholder: "or paste an address: https://…", "aria-label": `${spec.label}: address`, onchange: () => this.takeAddress(this.address.value.trim())});
    this.problem = h("p", {class: "problem", id: `${id}-problem`, hidden: true});
    this.tile = h("div", {class: "tile"}, this.preview, this.choose, this.bar);
    this.element = h("div", {class: "field picture", role: "group", "aria-label": spec.label, "data-field": spec.name},
      h("span", {class: "label", title: spec.name, dir: "auto"}, spec.label, !spec.isRequired && h("span", {class: "limits"}, "optional")),
      this.tile, this.facts, this.buttons, this.address, this.problem, this.file);
    this.acceptDrops();
  }

  acceptDrops() {
    const {tile} = this;
    tile.addEventListener("dragover", (event) => { event.preventDefault(); tile.classList.add("over"); });
    tile.addEventListener("dragleave", () => tile.classList.remove("over"));
    tile.addEventListener("drop", (event) => {
      event.preventDefault();
      tile.classList.remove("over");
      const [file] = event.dataTransfer.files;
      if (file) this.take(file);
      else this.takeAddress(event.dataTransfer.getData("text/uri-list").split("\n")[0].trim());
    });
  }

  /** A picture of ours is fetched and sent, since a provider may not reach this machine. */
  async takeAddress(address) {
    if (!address) return;
    if (!URL.canParse(address)) return this.complain("This is not an address; it should begin with https://");
    const url = new URL(address);
    if (url.origin !== location.origin) return url.protocol === "https:" ? this.set(address, {url: address, name: url.hostname}) : this.complain("Only https:// addresses can be used; or choose the file itself.");
    try {
      const found = await (await fetch(address)).blob();
      await this.take(new File([found], url.pathname.split("/").pop(), {type: found.type}));
    } catch {
      this.complain("This picture could not be read.");
    }
  }

  async take(file, known = {}) {
    if (!file) return;
    this.file.value = "";
    if (!file.type.startsWith("image/")) return this.complain(`${file.name || "This"} is not a picture; JPEG, PNG and WebP are.`);
    if (file.size > LARGEST) return this.complain(`${file.name} has ${bytes(file.size)}; 10 MiB is the most. Save it smaller and try again.`);
    const turn = this.begin(file);
    try {
      const sent = await darkroom.upload(file, {onProgress: (share) => { if (this.turn === turn) this.bar.value = share; }});
      if (this.turn === turn) this.set(sent.id, {...this.picture, ...known, width: sent.width, height: sent.height, bytes: sent.bytes});
    } catch (error) {
      if (this.turn === turn) this.fail(error, file);
    }
  }

  begin(file) {
    const hadOne = this.value !== undefined;
    this.forget();
    this.turn = {};
    this.picture = {url: URL.createObjectURL(file), name: file.name, bytes: file.size, isOwn: true};
    this.bar.value = 0;
    this.bar.hidden = false;
    this.complain("");
    this.show();
    if (hadOne) this.tell(true);
    return this.turn;
  }

  fail(error, file) {
    this.clear();
    const again = h("button", {type: "button", onclick: () => this.take(file)}, "Try again");
    this.complain(error instanceof Away ? "The service does not answer; the picture was not sent." : `${error.message}`);
    if (error instanceof Away || error.status === 429) this.problem.append(" ", again);
  }

  set(value, picture) {
    const hadOne = this.value !== undefined;
    if (picture.url !== this.picture?.url) this.forget();
    this.value = value;
    this.picture = picture;
    this.bar.hidden = true;
    this.complain("");
    this.show();
    this.tell(hadOne);
    this.changed();
  }

  /** `isGone`: there was another before. */
  tell(isGone) { this.listeners.forEach((each) => each(isGone)); }

  clear() {
    const hadOne = this.value !== undefined;
    this.forget();
    this.turn = null;
    this.bar.hidden = true;
    this.complain("");
    this.show();
    if (hadOne) { this.tell(true); this.changed(); }
  }

  forget() {
    if (this.picture?.isOwn) URL.revokeObjectURL(this.picture.url);
    this.value = undefined;
    this.picture = null;
  }

  /** From the form of the model before; the preview moves over too. */
  adopt(other) {
    if (other.value === undefined) return;
    const {value, picture} = other;
    Object.assign(other, {value: undefined, picture: null});
    this.set(value, picture);
  }

  /** What an earlier prediction was made with: an id without a face, or an address. */
  write(value) {
    if (typeof value !== "string" || !value) return this.clear();
    if (value === this.value) return;
    const isShowable = /^(https:|data:image\/)/.test(value);
    this.set(value, isShowable ? {url: value, name: value.startsWith("data:") ? "a data URI" : new URL(value).hostname} : {name: "an earlier upload"});
  }

  complain(words) {
    this.problem.replaceChildren(words);
    this.problem.hidden = !words;
    if (words) this.choose.setAttribute("aria-invalid", "true");
    else this.choose.removeAttribute("aria-invalid");
  }

  show() {
    const {picture, spec, value} = this;
    const unheard = h("span", {class: "visually-hidden"}, `${spec.label}: `);
    this.choose.replaceChildren(unheard, picture ? "Replace" : h("span", {}, h("b", {}, "Choose a picture"), " or drop or paste it here"));
    this.tile.classList.toggle("full", Boolean(picture));
    this.preview.replaceChildren(...(picture ? [face(picture, spec.label)] : []));
    this.facts.textContent = picture ? factsOf(picture, value) : "";
    this.address.hidden = Boolean(picture) || spec.kind === "mask";
    this.address.value = "";
    this.buttons.replaceChildren(...this.offered());
  }

  offered() {
    const {picture, spec} = this;
    const remove = picture && h("button", {type: "button", "aria-label": `${spec.label}: remove`, onclick: () => { this.clear(); this.choose.focus(); }}, "Remove");
    const base = this.below?.shown();
    const brush = this.below && h("button", {type: "button", class: "brush", disabled: !base?.width || !base.url, title: base ? "" : `Needs ${this.below.spec.label.toLowerCase()} first`, onclick: () => this.paint(base)}, picture?.strokes ? "Brush again" : "Brush a mask");
    return [brush, remove].filter(Boolean);
  }

  async paint(base) {
    const painted = await openBrush(base, this.picture?.strokes ?? []);
    if (painted) await this.take(new File([painted.blob], "mask.png", {type: "image/png"}), {strokes: painted.strokes});
    this.choose.focus();
  }
}

function face(picture, label) {
  if (!picture.url) return h("span", {class: "no-face soft"}, "No preview");
  const image = h("img", {alt: `${label}: ${picture.name ?? "picture"}`, src: picture.url, referrerpolicy: "no-referrer"});
  image.addEventListener("load", () => { picture.width ??= image.naturalWidth; picture.height ??= image.naturalHeight; });
  image.addEventListener("error", () => image.replaceWith(h("span", {class: "no-face soft"}, "No preview")));
  return image;
}

function factsOf({name, width, height, bytes: size}, value) {
  const sides = width && height ? `${width} × ${height}` : "";
  const state = value === undefined ? "sending …" : "";
  return [name, sides, size && bytes(size), state].filter(Boolean).join(" · ");
}
