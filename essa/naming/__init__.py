"""From spellings to activities: what each label of a process means, and why.

A night goes this way, and a rule belongs where the first line fits that is true of it:

- **one word**: `words` and `lexicon` (the lists), `forms`, `spelt`, `helping` (small words), `actors` (who may act),
  `slips` (is one a slip of the other), `tokens` (short forms, initials and slips among the words of a process);
- **one label**: `reading` (words, numbers, the act and its object), `marks` and `seams` (accents, raised digits);
- **what is no part of a name**: `pollution`, with `remarks`, `holes` and `amounts`; `numbered` asks where it is unsure;
- **labels that are surely one**: `exact`, with `blanks`; `wording` keeps all that words alone say of a vocabulary;
- **pairs that may be one**: `repair` (a word put right, over `readings`), `inflected`, `prefixed`, `small_words`;
  `signs` notes what the two labels besides tell of each difference;
- **how sure words are of a pair**: `judging`, `by_hand` (is anybody typing here), `home` (words of other processes);
- **what the log says**: `context` (counts), `weighing` (for, against, nothing), `homonyms` and `hints` (the log alone);
- **which hub a group goes to**: `attaching`; what it is called then, `deciding`;
- **what people and earlier nights said**: `names_file`, `contradictions`, `remembering`;
- **what is asked**: `review`, `changes`;
- **in which order**: `tonight` fills the tables; `proposing` asks the words and then `deciding` the log.
"""
