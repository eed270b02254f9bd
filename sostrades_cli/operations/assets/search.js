"use strict";
// The search of a page: the words to look for, the key `/` that leads to it, and the number of matches.
const searchWords = (search) => search.value.toLowerCase().split(/\s+/).filter(Boolean);

function searchWith(search, filter) {
  search.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    // A page can have other fields, in which `/` is a letter.
    if (event.key !== "/" || event.target.closest("input")) return;
    event.preventDefault();
    search.focus();
  });
  filter();
}

// Hides groups without a `member`.
function showMatches(shown, total, noun, member) {
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector(member);
  }
  document.getElementById("count").textContent = shown === total ? `${total} ${noun}` : `${shown} of ${total} ${noun}`;
  document.getElementById("nothing").hidden = shown > 0;
}
