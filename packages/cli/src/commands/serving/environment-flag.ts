/** What a command line needs to speak of this environment; commands mean production unless they are told otherwise. */
export const environmentFlag = (environment: string): string =>
  environment === 'production' ? '' : ` --environment ${environment}`;
