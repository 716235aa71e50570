// The keys of the review page. Without them, everything is there to be clicked.
"use strict";
(() => {
  const follow = (id) => document.getElementById(id)?.click();
  const focus = (field) => {
    field?.scrollIntoView({ block: "center" });
    field?.focus();
    field?.select?.();
  };
  const help = document.getElementById("help");

  const keys = {
    j: () => follow("next-work"),
    k: () => follow("previous"),
    "/": () => focus(document.getElementById("search")),
    c: () => focus(document.getElementById("comment")),
    r: () => focus(document.getElementById("release")),
    u: () => focus(document.getElementById("undo")),
    o: () => {
      const wrong = document.querySelector(".check > .icon:not(.v-passed)") || document.querySelector(".check > .icon");
      const give = wrong?.parentElement.querySelector(".give");
      if (!give) return;
      give.open = true;
      focus(give.querySelector("[name=points]"));
    },
    "?": () => (help.open ? help.close() : help.showModal()),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writing = event.target.matches("input, textarea, select");
    if (writing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const current = document.querySelector(".works [aria-current]");
  current?.scrollIntoView({ block: "nearest" });
})();
