for (const head of document.querySelectorAll("th[data-sort]")) {
  head.addEventListener("click", () => {
    const table = head.closest("table"), at = [...head.parentNode.children].indexOf(head);
    const up = head.dataset.up !== "1";
    head.dataset.up = up ? "1" : "0";
    const key = row => row.children[at].dataset.key ?? row.children[at].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)], n = x - y;
      const order = Number.isNaN(n) ? x.localeCompare(y) : n;
      return up ? order : -order;
    });
    table.tBodies[0].append(...rows);
  });
}
