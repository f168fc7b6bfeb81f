// Keeps what is typed while it is not saved, and warns before it is left. Everything works without this script.
"use strict";

(() => {
  const EVERY = 4000; // milliseconds between two savings while somebody types

  class Kept {
    constructor(form) {
      this.form = form;
      this.said = form.querySelector("[data-saved]");
      this.sent = this.content();
      this.unsaved = form.hasAttribute("data-unsaved");
      this.timer = null;
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("focusout", () => this.save());
      form.addEventListener("submit", (event) => this.submit(event));
    }

    content() {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) {
        const field = this.form.elements.namedItem(name);
        if (typeof value === "string" && field?.type !== "password") fields.append(name, value);
      }
      return fields.toString();
    }

    changed() {
      this.unsaved = true;
      if (this.over) return;
      this.timer ??= setTimeout(() => this.save(), EVERY);
    }

    // What is still on its way has to arrive first: that of this form would be offered again although it was saved,
    // that of another would not be offered by the page that follows.
    async submit(event) {
      clearTimeout(this.timer);
      this.timer = null;
      this.left = true;
      const others = kept.filter((form) => form !== this && form.saving).map((form) => form.saving);
      if (this.waited || !(this.saving || others.length)) return;
      event.preventDefault();
      await Promise.race([Promise.all([this.saving, ...others]), new Promise((done) => setTimeout(done, EVERY))]);
      this.waited = true;
      this.form.requestSubmit(event.submitter ?? undefined);
      this.waited = false;
    }

    // One after another, or an older text could come last.
    async save() {
      clearTimeout(this.timer);
      this.timer = null;
      if (this.left || this.over || this.saving || this.content() === this.sent) return;
      this.saving = this.send(this.content());
      await this.saving;
      this.saving = null;
      if (!this.left && !this.over && this.content() !== this.sent) this.timer ??= setTimeout(() => this.save(), this.failed ? EVERY : 0);
    }

    async send(content) {
      try {
        const answer = await fetch("/drafts", {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: content,
          keepalive: content.length < 60000,
          redirect: "manual", // to signing in, once the session has ended: then it was kept too
        });
        if (answer.status === 404) return this.gone();
        const ended = answer.type === "opaqueredirect";
        if (!ended && answer.status !== 204) throw new Error(String(answer.status));
        this.sent = content;
        this.failed = false;
        if (this.content() === content) this.tell(ended ? "草稿已存。登录已过期，保存时要重新登录" : "草稿已存");
      } catch {
        this.failed = true;
        this.tell("草稿没有存上，请尽快保存");
      }
    }

    // What the form is about was deleted meanwhile, or is somebody else's now.
    gone() {
      this.over = true;
      this.tell("这份登记已经不在了，或者不归您看，写的内容不再存草稿");
    }

    // Heard by who uses a screen reader: the same is not said again.
    tell(words) {
      if (this.said && this.said.textContent !== words) this.said.textContent = words;
    }

    get lost() {
      return !this.left && this.unsaved && this.content() !== this.sent;
    }
  }

  const kept = [...document.querySelectorAll("form[data-keep]")].map((form) => new Kept(form));

  addEventListener("beforeunload", (event) => {
    if (kept.some((form) => form.lost)) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of kept) form.left = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") for (const form of kept) form.save();
  });

  // How far a file is that is being made; when it is there, the page says so.
  const bar = document.querySelector("progress[data-watch]");
  const watch = async () => {
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      const there = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = there.querySelector("progress[data-watch]");
      if (!now || now.dataset.watch !== bar.dataset.watch) return location.reload();
      bar.value = now.value;
      for (const told of ["[data-done]", "[data-before]"]) {
        const here = document.querySelector(told);
        if (here) here.textContent = there.querySelector(told).textContent;
      }
      setTimeout(watch, 500);
    } catch {
      setTimeout(watch, 5000);
    }
  };
  if (bar) setTimeout(watch, 500);

  // Ticks all cases of the page, or none.
  for (const form of document.querySelectorAll("form[data-ticking]")) {
    const all = form.querySelector("[data-tick-all]");
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    all.hidden = false;
    all.addEventListener("click", () => {
      const on = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = on;
    });
  }

  // Back to the list as it was filtered last in this tab.
  if (location.pathname === "/queue") sessionStorage.setItem("queue", location.search);
  for (const link of document.querySelectorAll("a[data-back]")) link.search = sessionStorage.getItem("queue") ?? "";

  // Who comes back to a list goes on where the case stands that was open, or else at the list.
  // Once all is loaded: until then the browser itself goes to the row, which cannot have the focus.
  addEventListener("load", () => {
    const gone = location.hash.startsWith("#case-") && !document.querySelector(":target");
    const there = gone ? document.getElementById("list") : document.querySelector("tr[id^=case-]:target a.named");
    there?.focus();
  });

  // Who sent a form hears first what is wrong with it, or what came of it; who followed a link is where it leads.
  const told = ["faults", "saved", "number"].map((id) => document.getElementById(id)).find(Boolean);
  const there = document.getElementById(location.hash.slice(1)) ?? told;
  if (!document.querySelector("[autofocus]") && there === told) told?.focus();
})();
