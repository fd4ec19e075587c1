/** A row of tabs that is wider than the screen begins where one is. */
export function showTabs(): void {
  for (const tab of document.querySelectorAll<HTMLElement>('.tabs [aria-current="page"]')) {
    const row = tab.parentElement;
    if (row) row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}
