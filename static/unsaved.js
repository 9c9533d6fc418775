// Warns before a page with unsaved text is left, stores and counts the text of an editor while it is typed, and shows who else
// has the editor open.
"use strict";
(() => {
  const AUTOSAVE_DELAY = 3000;
  const RETRY_DELAY = 15000;
  const REPORT_INTERVAL = 30000;
  // Browsers limit what is sent while a page is closed to 64 KB.
  const MAX_LAST_SIZE = 60000;
  // Milliseconds that a form waits for a copy that is being stored.
  const MAX_WAIT = 3000;

  const TEXT_FIELDS = "textarea, input:not([type]), input[type=text], input[type=email], input[type=url], input[type=tel]";

  /** All fields of a form as they would be sent. */
  const fieldsOf = (form) => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") fields.append(name, value);
    }
    return fields;
  };

  /** Text by which a change of a form is recognized. */
  const contentOf = (form) => {
    const fields = fieldsOf(form);
    fields.delete("autosave");
    return fields.toString();
  };

  const forms = [...document.querySelectorAll("main form[method=post]")].filter((form) =>
    [...form.elements].some((field) => field.matches(TEXT_FIELDS)));
  const initial = new Map(forms.map((form) => [form, contentOf(form)]));
  let submitted = null;

  const isUnsaved = (form) => "unsaved" in form.dataset || contentOf(form) !== initial.get(form);

  addEventListener("beforeunload", (event) => {
    if (forms.some((form) => form !== submitted && isUnsaved(form))) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    // The merged text replaces the text of the editor, which is stored.
    submitted = event.target.id === "merge" ? document.getElementById("editor") : event.target;
    // The page stays if the form downloads a file, or if the user cancels.
    setTimeout(() => { submitted = null; }, 2000);
  });

  // Word count and reading time, like src/posts/reading_time.rs.
  const length = document.getElementById("text-length");
  document.getElementById("body")?.addEventListener("input", (event) => {
    if (!length) return;
    const parts = event.target.value.replace(/\{\{[^]*?\}\}/g, "x").split(/\s+/);
    const count = parts.filter((part) => /[\p{L}\p{N}]/u.test(part)).length;
    const minutes = Math.max(1, Math.ceil(count / 238));
    length.textContent = `${count} ${count === 1 ? "word" : "words"} · ${minutes} min read`;
  });

  for (const form of forms.filter((form) => form.dataset.autosave)) autosave(form);

  // Who else has the same editor open: src/editing/.
  const openEditor = document.getElementById("open-editor");
  if (openEditor) {
    const { address } = openEditor.dataset;
    const report = async () => {
      if (document.visibilityState === "hidden") return;
      try {
        const response = await fetch(address, { method: "POST", redirect: "error" });
        if (!response.ok) return;
        const { others } = await response.json();
        if (openEditor.textContent !== others) openEditor.textContent = others;
        openEditor.hidden = !others;
      } catch {
        // The next report may work.
      }
    };
    setInterval(report, REPORT_INTERVAL);
    addEventListener("pageshow", (event) => { if (event.persisted) report(); });
    addEventListener("pagehide", () => { navigator.sendBeacon(`${address}/closing`); });
  }

  function autosave(form) {
    const status = document.getElementById("autosave-status");
    let stored = initial.get(form);
    let timer = null;
    let request = null;
    let storing = null;
    let isWaiting = false;
    let isResubmitting = false;

    const show = (text) => {
      if (status.textContent !== text) status.textContent = text;
    };
    const schedule = (delay) => {
      timer ??= setTimeout(() => { timer = null; storing = store(); }, delay);
    };
    const stop = () => {
      clearTimeout(timer);
      timer = null;
      request?.abort();
    };

    async function store() {
      const content = contentOf(form);
      if (content === stored) return;
      if (request) {
        schedule(AUTOSAVE_DELAY);
        return;
      }
      const body = fieldsOf(form);
      request = new AbortController();
      try {
        const response = await fetch(form.dataset.autosave, {
          method: "POST",
          body,
          redirect: "error",
          signal: request.signal,
          keepalive: document.visibilityState === "hidden" && body.toString().length < MAX_LAST_SIZE,
        });
        if (response.status === 401) {
          show("You are signed out. Your text is still here: save it, sign in, and it opens again.");
        } else if (response.ok) {
          form.elements.namedItem("autosave").value = (await response.json()).id;
          stored = content;
          const time = new Date().toLocaleTimeString("en-CA", { hour: "numeric", minute: "2-digit" });
          // "10:16 p.m." ends with a full stop already.
          show(`Not saved yet. A copy of your text was stored at ${time}`.replace(/\.?$/, "."));
        } else {
          throw new Error(response.statusText);
        }
      } catch (error) {
        if (error.name === "AbortError") return;
        show("Not saved yet. Your text could not be stored on the server. Trying again.");
        schedule(RETRY_DELAY);
      } finally {
        request = null;
      }
      if (contentOf(form) !== content) schedule(AUTOSAVE_DELAY);
    }

    // Text that was filled in after a sign-in is not stored yet.
    if ("unsaved" in form.dataset && !form.elements.namedItem("autosave").value) {
      stored = null;
      schedule(0);
    }
    form.addEventListener("input", () => schedule(AUTOSAVE_DELAY));
    // A copy that is being stored would stay after the save, which deletes only the copies that it knows.
    form.addEventListener("submit", (event) => {
      if (isResubmitting || (!request && !isWaiting)) {
        stop();
        return;
      }
      event.preventDefault();
      // A second click changes nothing.
      if (isWaiting) return;
      isWaiting = true;
      const { submitter } = event;
      const timeout = new Promise((resolve) => { setTimeout(resolve, MAX_WAIT); });
      Promise.race([storing, timeout]).then(() => {
        isWaiting = false;
        isResubmitting = true;
        form.requestSubmit(submitter);
        isResubmitting = false;
      });
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && submitted !== form && !request) storing = store();
    });
  }
})();
