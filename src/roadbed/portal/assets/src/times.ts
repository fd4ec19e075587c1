const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
];

/** `3 min ago`, in the same words as the server's formatting.py. */
export function ago(seconds: number): string {
  if (seconds < 10) return "just now";
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  return `${Math.floor(seconds)} s ago`;
}

/** `2 min 5 s`: how long something that still runs has been running. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const hours = Math.floor(whole / 3600);
  return hours >= 48 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Keeps `time[data-ago]` and `time[data-since]` true while the page stays open. */
export function watchTimes(): void {
  setInterval(() => refresh("data-since", lasting), 1_000);
  setInterval(() => refresh("data-ago", ago), 15_000);
}

function refresh(attribute: string, words: (seconds: number) => string): void {
  if (document.hidden) return;
  for (const time of document.querySelectorAll<HTMLTimeElement>(`time[${attribute}]`))
    time.textContent = words((Date.now() - Date.parse(time.dateTime)) / 1000);
}
