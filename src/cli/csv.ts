/** Comma-separated values (RFC 4180) that a spreadsheet reads as what they are. */

/**
 * One line, without its end. A cell that a spreadsheet would take for a formula gets an apostrophe in front (CWE-1236); a
 * negative number is none.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(',');
}

function cell(text: string): string {
  const safe = /^[=+@\t\r\0]|^-(?!\d+(?:\.\d+)?$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
