-- mart.activity_word: what the name of one activity says that it does, in English and in the words of other desks.
SELECT DISTINCT
    process,
    activity,
    regexp_matches(
        lower(activity::VARCHAR),
        '\b(forward|re-?rout|rout(e|ing)\b|re-?assign|assign|transfer|pass(es|ed|ing)?\b|hand(s|ed|ing)?[ -]?over|queue'
        || '|dispatch|escalat|refer(s|red|ral|ring)?\b|reenvi|deriva|asigna|traslad|remit|doorsturen|doorzetten|toewijz'
        || '|overdrag|weiterleit|zuweis|zuteil|[uü]bergabe|[uü]bergeb|przekaz|przydziel|przypis)'
    ) AS is_passing_on,
    regexp_matches(
        lower(activity::VARCHAR),
        '(approv|check|verif|review|confirm|validat|authori[sz]|\bsign|control|inspect|screen|audit|accept'
        || '|assess|evaluat|apprais|decid|decision'
        || '|aprob|autoriz|revis|validar|validaci|evalua|beoordee?l|goedkeur|valider|keuren'
        || '|pr[uü]f|freigab|genehmig|zatwierdz|weryfik|sprawdz|ocen)'
    ) AS is_checking,
    regexp_matches(
        lower(activity::VARCHAR),
        '\b(re-?)?(creat|enter|key|typ(e|ing)\b|register|record|log\b|post|book|archiv|fil(e|ing)\b|clos|send|sent\b'
        || '|notif|inform'
        || '|attach|updat|chang|receiv|sav(e|ing)\b|print|cop(y|ies)\b|upload|download|import|export|set\b|issu|generat'
        || '|invoic|pay|order|captur|scan|extract|insert|add\b|crea|envi|notific|cerra|pag(ar|o)|contabil|radica'
        || '|registr|traer'
        || '|actualiz|invoer|aanmak|verzend|verstur|boek|afsluit|betaal|erfass|anleg|buch|versend|abschlie|zahl|wprowad'
        || '|utw[oó]r|wys[lł]|ksi[eę]g|zamkn|zap[lł]a)'
    ) AS is_recording,
    regexp_matches(
        lower(activity::VARCHAR),
        '(\bresol(v|ution)|\bcomplet(e|ed|ing|ion)\b|\bclos(e|ed|ing|ure)\b|\bfinish|cerrar|cierre|afsluit|afgerond'
        || '|abschlie|erledig|zamkn|zako[nń]cz)'
    ) AS is_finishing,
    regexp_matches(
        lower(activity::VARCHAR),
        '(\bcancel|\bwithdr|\babandon|\bvoid|\bdelet|\brevo(k|c)|\bterminat|anulad?|anulaci|desist|annuler|ingetrok'
        || '|intrekk|stornier|zur[uü]ckgezog|anulow|wycof)'
    ) AS is_abandoning,
    regexp_matches(
        lower(activity::VARCHAR),
        '(consult|\bask(s|ed|ing)?\b|\bquer(y|ies|ied)|\b(e|i)nquir|\badvice|second opinion|pregunt|raadple|navra|konsult'
        || '|r[uü]e?ckfrag|nachfrag|zapyt)'
    ) AS is_asking
FROM core.variant_step
