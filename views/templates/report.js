"use strict";
const pages = Array.from(document.querySelectorAll("details.page"));
const tools = document.querySelector(".tools");
if (tools) {
  const [text, doubt, all, shown] = ["find", "doubt", "all", "shown"].map((id) => document.getElementById(id));
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let left = 0;
    for (const page of pages) {
      const fits = (!doubt.checked || page.dataset.doubt === "1") &&
        (/^\d+$/.test(wanted) ? page.dataset.page === wanted : page.dataset.words.includes(wanted));
      page.hidden = !fits;
      left += fits ? 1 : 0;
    }
    shown.textContent = left === pages.length ? "" : left + " of " + pages.length + " pages";
  };
  text.addEventListener("input", filter);
  doubt.addEventListener("change", filter);
  all.addEventListener("click", () => {
    const open = pages.some((page) => !page.hidden && !page.open);
    for (const page of pages) if (!page.hidden) page.open = open;
    all.textContent = open ? "Close all" : "Open all";
  });
  tools.hidden = false;
}
const reveal = () => {
  const target = location.hash.startsWith("#page-") && document.getElementById(location.hash.slice(1));
  if (target) { target.hidden = false; target.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest('a[href^="#page-"]');
  if (link && link.getAttribute("href") === location.hash) reveal();
});
reveal();
