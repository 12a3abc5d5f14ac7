export const NOT_EVALUATED = 'nobody has evaluated the version here';
