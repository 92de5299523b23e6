"use strict";
// The page of plans and history: a button sends one request and the page is read anew.
(function () {
  const toast = document.getElementById("wg-toast");

  async function act(button) {
    if (button.dataset.sure && !window.confirm(button.dataset.sure)) return;
    button.disabled = true;
    try {
      const answer = await fetch("/api/v1/" + button.dataset.post, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: button.dataset.body,
      });
      if (answer.ok) return location.reload();
      const error = (await answer.json().catch(() => ({}))).error || {};
      say(document.documentElement.lang === "en" ? error.en : error.zh, answer.status);
    } catch {
      say("", 0);
    }
    button.disabled = false;
  }

  function say(words, status) {
    toast.textContent = "⚠ " + (words || "连不上服务，没有保存 · the service does not answer, nothing was saved" + (status ? " (" + status + ")" : ""));
    toast.hidden = false;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-post]");
    if (button) act(button);
    else if (event.target === toast) toast.hidden = true;
  });
})();
