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
      form.addEventListener("submit", () => this.leave());
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
      this.timer ??= setTimeout(() => this.save(), EVERY);
    }

    leave() {
      clearTimeout(this.timer);
      this.timer = null;
      this.left = true;
    }

    async save() {
      clearTimeout(this.timer);
      this.timer = null;
      const content = this.content();
      if (this.left || content === this.sent) return;
      try {
        const answer = await fetch("/drafts", {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: content,
          keepalive: content.length < 60000,
          redirect: "error",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        this.sent = content;
        this.tell("草稿已存");
      } catch {
        this.tell("草稿没有存上，请尽快保存");
        if (!this.left) this.timer ??= setTimeout(() => this.save(), EVERY);
      }
    }

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

  // Who sent a form with faults hears of them first.
  document.getElementById("faults")?.focus();
})();
