"""Names of models and of who makes them, as they stand in texts.

Add a name: one entry in the group that says how sure one may be. A name of the first
group counts wherever it stands; of the second where it is written as here; of the third
only near words that speak of AI, since people, beasts, winds and verbs are called so.
Values are patterns; a plain string is its own.
"""

from __future__ import annotations

# A version and what follows it: "-4", " 3.5 Sonnet", "-2-70b-chat".
SUFFIX = (
    r"(?i:[- ](?:Sonnet|Opus|Haiku|Turbo|Mini|Nano|Pro|Flash|Ultra|Lite|Instruct|Chat"
    r"|Preview|Latest|Vision|Plus|Max|Scout|Maverick|Large|Medium|Small"
    r"|\d{1,3}x?\d*B|\d{4,8})|-(?:it|hf)){0,6}"
)
VERSION = rf"v?\d{{1,4}}(?:[.]\d{{1,4}}|-\d(?!\d)){{0,3}}[a-z]?{SUFFIX}"
KIN = rf"(?:Sonnet|Opus|Haiku|Instant|Code|Pro|Ultra|Nano|Flash|Advanced){SUFFIX}"

# In any case, anywhere: nothing else is called so.
SURE: tuple[str, ...] = (
    "OpenAI",
    "ChatGPT",
    "InstructGPT",
    rf"GPT[- ]?{VERSION}",
    r"text-davinci(?:-\d+)?",
    rf"o[134]-(?:mini|preview|pro){SUFFIX}",
    rf"Claude[- ](?:{VERSION}|{KIN})",
    r"Claude(?: AI|[.]ai)",
    "DeepMind",
    r"Gemini[- ](?:\d[.]\d|Pro|Ultra|Nano|Flash|Advanced)" + SUFFIX,
    r"Google (?:Bard|Gemini|AI|Assistant)",
    r"PaLM[- ]?2",
    r"Meta AI",
    rf"Llama[- ]?{VERSION}",
    r"Code ?Llama",
    r"Mistral(?: AI|[- ](?:7B|Large|Medium|Small|Nemo|Instruct))" + SUFFIX,
    rf"Mixtral(?:[- ]8x\d+B)?{SUFFIX}",
    "Codestral",
    "Le Chat Mistral",
    rf"DeepSeek(?:[- ](?:{VERSION}|V\d|R\d|Coder|Chat))?",
    rf"Qwen(?:[- ]?{VERSION})?",
    "Tongyi Qianwen",
    rf"Grok[- ]?{VERSION}",
    r"x[.]ai",
    r"GitHub Copilot",
    r"Microsoft Copilot",
    r"Bing Chat",
    rf"Gemma[- ]?{VERSION}",
    r"Falcon[- ]\d+B" + SUFFIX,
    r"Vicuna[- ]v?\d+[.\d]*B?" + SUFFIX,
    r"Yi-\d+B" + SUFFIX,
    r"AI21(?: Labs)?",
    "ChatGLM",
    "Zhipu",
    "Baichuan",
    "InternLM",
    "Hunyuan",
    "Doubao",
    "Moonshot AI",
    "ERNIE Bot",
    "Nemotron",
    "WizardLM",
    "StableLM",
    "Stability AI",
    "Inflection AI",
    "Perplexity AI",
    "HuggingChat",
    "OpenAssistant",
    r"Character[.]AI",
    r"Amazon (?:Bedrock|Nova|Titan)",
)

# As written here, anywhere: names that are also words, or parts of words, in small.
AS_WRITTEN: tuple[str, ...] = (
    r"Anthropic(?! (?:[Pp]rinciple|[Rr]easoning|[Bb]ias|[Ss]hadow))",
    "Google",
    "Microsoft",
    "Cohere",
    "Copilot",
    "LLaMA",
    "LaMDA",
    r"Phi-[1-4](?:[.]5)?" + SUFFIX,
    "xAI",
    "Alibaba",
    "Baidu",
    "Tencent",
)

# As written here, and near words that speak of AI.
NEAR_AI: tuple[str, ...] = (
    "Claude",
    "Gemini",
    "Bard",
    "GPT",
    "Meta(?!-[a-z])",
    "Llama",
    "LLAMA",
    "Mistral",
    r"Command[- ]?(?:R[+]?|A)",
    "Phi",
    "Gemma",
    "Falcon",
    "Vicuna",
    "Grok",
    "PaLM",
    "Kimi",
    "ERNIE",
    "Perplexity",
    "Alpaca",
    "Koala",
    "Zephyr",
    "Orca",
    "Dolly",
)

# The word to look a name up by, where its first one is too common.
RARER: dict[str, tuple[str, ...]] = {
    "code": ("llama",),
    "le": ("mistral",),
    "o": ("mini", "preview", "pro"),
    "text": ("davinci",),
}

# What speaks of AI, within a line or so of the name.
AI_WORDS = (
    r"\b(?:AI|A[.]I[.]|KI|LLMs?|chat-?bots?|(?i:assistants?|assistent(?:in)?|asistente)"
    r"|(?i:language model|sprachmodell|mod[eè]les? de langage|modelo de lenguaje)"
    r"|(?i:models?|modell|modelo|mod[eè]le)|fine-?tuned|parameters"
    r"|(?i:(?:trained|developed|created|made|built|powered) (?:by|at)|entwickelt von)"
    r"|ChatGPT|OpenAI|Anthropic|DeepMind|Cohere|Qwen)\b|人工智能|语言模型|大模型"
)
# What one says before one's own name.
SAYS_OWN_NAME = (
    r"(?i:\b(?:I am|I['’]m|my name is|call me|ich bin|ich hei(?:ß|ss)e|je suis"
    r"|je m['’]appelle|soy|me llamo|(?:me )?chamo)\s|我是|我叫)[\s*_\"“]*$"
)

# "As an AI language model developed by X": X, whoever that is.
MAKES = ("developed", "created", "made", "trained", "built", "designed")
IS_AI = ("ai", "model", "assistant", "chatbot", "chat", "bot")
MAKER = (
    r"(?i:\b(?:AI|language model|assistant|chat-?bot)\b)[^.!?\n]{0,40}?"
    r"\b(?i:(?:developed|created|made|trained|built|designed) by )"
    r"(?i:the )?(?i:team at )?"
    r"(?P<maker>(?!(?:The|Team|People|Humans|Engineers|Me|Us|Our|My|You)\b)"
    r"[A-Z][\w&-]*(?:[ .][A-Z][\w&-]*){0,3})"
)
