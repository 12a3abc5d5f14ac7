/** Whether a text fits a pattern of LIKE (`%` any text, `_` any character), in at most length × length steps. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let read = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (pattern[read] === '%') {
      star = read;
      starAt = at;
      read += 1;
    } else if (pattern[read] === '_' || pattern[read] === text[at]) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      read = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[read] === '%') read += 1;
  return read === pattern.length;
}
