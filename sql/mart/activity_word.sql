-- mart.activity_word: what the name of one activity says that it does, in English and in the words of other desks.
-- Some verbs pass the case on whatever follows. Others also send out goods, money and people: they do only where what they
-- pass is the case, or where to whom or where follows at once, as in "Ticket assigned" and "Transfer to desk". A van that is
-- dispatched and a nurse who is assigned are work on the case.
WITH outlined AS (  -- » such a verb, » ~ in other languages than English, § the case
    SELECT DISTINCT
        process, activity,
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    lower(activity::VARCHAR),
                    '\b(asigna|traslad|remiti|remisi|toewijz|toegewezen|overdrag|overgedragen|zuweis|zugewiesen|zuteil|zugeteilt'
                    || '|przekaz|przydziel|przypis)\w*|[uü]berg[ae]b\w*', '»~', 'g'
                ),
                '\b((transfer|assign|dispatch)\w*|pass(es|ed|ing)?|hand(s|ed|ing)?[ -]?over|rout(ed|ing)|^route)\b', '»', 'g'
            ),
            '\b(case|ticket|request|claim|file|dossier|task|incident|complaint|application|[ei]nquir(y|ie)|issue|matter|call'
            || '|work([ _-]*item)?|handler|owner|agent|clerk|desk|department|queue|colleague|case[ _-]?(work|manag)er'
            || '|caso|expediente|solicitud(es)?|tarea|reclamaci[oó]n(es)?|incidencia|zaak|zaken|aanvra(ag|gen)|taak|taken|melding(en)?'
            || '|klacht(en)?|fall|f[aä]lle|vorg[aä]ng(e|s)?|akten?|antr[aä]g(e|s)?|aufgaben?|anfragen?|anliegen'
            || '|spraw[aęy]?|zg[lł]oszeni[ae]|wnios(ek|ku|ki)|zada(nie|nia|[nń]))(s|es)?\b', '§', 'g'
        ) AS outline
    FROM core.variant_step
)
SELECT
    process,
    activity,
    regexp_matches(
        lower(activity::VARCHAR),
        '\b(forward|re-?rout|re-?assign|queue|escalat|refer(s|red|ral|ring)?\b|reenvi|deriva|doorsturen|doorzetten|weiterleit)'
    ) OR regexp_matches(
        outline,
        '»[ _-]+(to|on|onwards?|over|back)\b|»~[ _-]+(al?|aan|naar|an|do|na)\b'
        || '|»~?[ _-]+((the|an?|this|el|la|het|de|den|die|das)[ _-]+)?(\w+[ _-]+)?§(\W*$|[ _-]+(to|from|back|for|by|on|in|al?|aan'
        || '|naar|an|do|na)\b)'
        || '|§[ _-]+((is|was|been|has been)[ _-]+)?»'
    ) OR (
        -- "Dispatched" alone is said of goods as well
        regexp_matches(outline, '^\W*»~?\W*$') AND NOT regexp_matches(lower(activity::VARCHAR), 'dispatch')
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
FROM outlined
