/** Whether an `Accept` header likes a page better than JSON, as browsers' do; who names neither is no browser. */
export function prefersHtml(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()));
  const quality = (wanted: string): number => {
    const range = ranges.find(([type]) => type === wanted);
    if (range === undefined) return 0;
    const said = range.find((part) => part.startsWith('q='));
    return said === undefined ? 1 : Number(said.slice(2)) || 0;
  };
  return quality('text/html') > quality('application/json');
}
