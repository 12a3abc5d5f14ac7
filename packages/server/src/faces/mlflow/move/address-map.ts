/** Finds what lies at an address among roots that moved, for example where the files of a version are now. */
export interface AddressMap {
  add(from: string, to: string): void;
  /** The same place below the new root; undefined when it is below none. The longest root counts. */
  find(address: string): string | undefined;
}

export function createAddressMap(): AddressMap {
  const roots = new Map<string, string>();
  return {
    add: (from, to) => {
      if (from !== '') roots.set(plain(from), to);
    },
    find: (address) => {
      const wanted = plain(address);
      for (let end = wanted.length; end > 0; end = wanted.lastIndexOf('/', end - 1)) {
        const to = roots.get(wanted.slice(0, end));
        if (to !== undefined) return `${to}${wanted.slice(end)}`;
      }
      return undefined;
    },
  };
}

/** One spelling for a place: `file://` or not, escaped or not, with or without a slash at its end. */
function plain(address: string): string {
  const text = address
    .replace(/^file:\/\/(?:localhost)?(?=\/)/, '')
    .replace(/^mlflow-artifacts:\/\/[^/]*\/?/, 'mlflow-artifacts:/')
    .replace(/\/+$/, '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
