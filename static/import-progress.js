// Renews the progress of an import every second, and loads the page again when the step has ended.
"use strict";
(() => {
  const INTERVAL = 1000;
  const RETRY_INTERVAL = 5000;

  const renew = async () => {
    let delay = INTERVAL;
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (response.ok && !page.querySelector("[data-import-progress]")) {
        location.reload();
        return;
      }
      if (response.ok) replaceWith(page);
      else delay = RETRY_INTERVAL;
    } catch {
      delay = RETRY_INTERVAL;
    }
    setTimeout(renew, delay);
  };

  /** Replaces the parts that have changed, so that screen readers announce a new step only once. */
  const replaceWith = (page) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live=${part.dataset.live}]`);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    }
    const [title, freshTitle] = [document, page].map((where) => where.getElementById("progress-title"));
    if (freshTitle && title.textContent !== freshTitle.textContent) title.textContent = freshTitle.textContent;
  };

  setTimeout(renew, INTERVAL);
})();
